#pragma once

#include <cassert>
#include <cstdint>
#include <cstring>

#include "decode/decoded_packet.hpp"
#include "packet/ip_address.hpp"
#include "packet/packet_view.hpp"

namespace wireglass {

/// 48 bits of a MAC address, the first octet highest. In an Ethernet header two more octets follow on either.
inline std::uint64_t read_mac(const std::byte* octets) {
  std::uint64_t word = 0;
  std::memcpy(&word, octets, sizeof(word));
  return __builtin_bswap64(word) >> 16;
}

/// Source and destination of an IP header (RFC 791 section 3.1, RFC 8200 section 3). The decoder makes an
/// IpLayer only of a header that lies within the captured bytes.
inline void read_addresses(const PacketView& packet, const IpLayer& layer, IpAddress& src, IpAddress& dst) {
  const std::byte* header = packet.data + layer.offset;
  if (layer.version == 4) {
    assert(layer.offset + 20U <= packet.captured_length);
    src = IpAddress::from_ipv4(header + 12);
    dst = IpAddress::from_ipv4(header + 16);
  } else {
    assert(layer.offset + 40U <= packet.captured_length);
    src = IpAddress::from_ipv6(header + 8);
    dst = IpAddress::from_ipv6(header + 24);
  }
}

}  // namespace wireglass
