#pragma once

#include <cstdint>

#include "decode/decoded_packet.hpp"

namespace wireglass {

/// Who follows an address family of the BSDs, Linux or Windows.
ProtocolId protocol_of_family(std::uint32_t family);

/// A family that stands in the capturing host's byte order. Families are small numbers, so that the half
/// which is not 0 tells the order.
inline std::uint32_t family_of(std::uint32_t big_endian) {
  return (big_endian & 0xffff0000) != 0 ? __builtin_bswap32(big_endian) : big_endian;
}

}  // namespace wireglass
