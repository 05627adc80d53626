#pragma once

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

// Tags between an Ethernet header and its EtherType that switches and hosts put there and that make no VLAN.
// They identify ports and streams of one network, never a tenant.

/// Cisco VN-Tag, EtherType 0x8926.
ProtocolId parse_vn_tag(DecodeContext& context);
void describe_vn_tag(Dissector& dissector, std::uint32_t offset);

/// E-TAG, IEEE 802.1BR section 7.5.
ProtocolId parse_e_tag(DecodeContext& context);
void describe_e_tag(Dissector& dissector, std::uint32_t offset);

/// R-TAG, IEEE 802.1CB section 7.8.
ProtocolId parse_r_tag(DecodeContext& context);
void describe_r_tag(Dissector& dissector, std::uint32_t offset);

/// HSR tag, IEC 62439-3 section 5.6.
ProtocolId parse_hsr_tag(DecodeContext& context);
void describe_hsr_tag(Dissector& dissector, std::uint32_t offset);

/// Cisco MetaData with a security group tag, EtherType 0x8909.
ProtocolId parse_cisco_metadata(DecodeContext& context);
void describe_cisco_metadata(Dissector& dissector, std::uint32_t offset);

/// The time stamp that switches of Arista put in front of the EtherType of what they mirror.
ProtocolId parse_arista_timestamp(DecodeContext& context);
void describe_arista_timestamp(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
