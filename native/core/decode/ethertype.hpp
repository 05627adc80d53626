#pragma once

#include <array>
#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// Rows of who follows whom by EtherType (IEEE 802 numbers), the most frequent first.
struct EthertypeRow {
  std::uint16_t ethertype = 0;
  ProtocolId protocol = ProtocolId::kEnd;
};
inline constexpr std::array<EthertypeRow, 5> kEthertypes = {{
    {0x0800, ProtocolId::kIpv4},
    {0x86dd, ProtocolId::kIpv6},
    {0x8100, ProtocolId::kVlan},  // IEEE 802.1Q
    {0x88a8, ProtocolId::kVlan},  // IEEE 802.1ad
    {0x9100, ProtocolId::kVlan},  // before 802.1ad, still in use for outer tags
}};

inline ProtocolId protocol_of_ethertype(std::uint16_t ethertype) {
  for (const EthertypeRow& row : kEthertypes) {
    if (row.ethertype == ethertype) return row.protocol;
  }
  return ProtocolId::kEnd;
}

/// Up to kMaxLength the field is the length of an IEEE 802.3 frame and LLC follows; from kFirstEthertype on
/// it is an EtherType (IEEE 802.3 section 3.2.6). What lies between has no meaning.
inline constexpr std::uint16_t kMaxLength = 1500;
inline constexpr std::uint16_t kFirstEthertype = 0x0600;

/// What follows an EtherType-or-length field that ends at the cursor.
inline ProtocolId protocol_of_type_or_length(DecodeContext& context, std::uint16_t type_or_length) {
  if (type_or_length >= kFirstEthertype) return protocol_of_ethertype(type_or_length);
  if (type_or_length > kMaxLength) return ProtocolId::kEnd;
  context.narrow(type_or_length);
  return ProtocolId::kLlc;
}

/// Describes that field, and applies it where it is a length.
void describe_type_or_length(Dissector& dissector, HeaderWriter& header, std::uint32_t at);

}  // namespace wireglass
