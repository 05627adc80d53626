#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// LINKTYPE_DSA_TAG_BRCM: an Ethernet header with a Broadcom switch tag between addresses and type.
ProtocolId parse_broadcom_tag(DecodeContext& context);
void describe_broadcom_tag(Dissector& dissector, std::uint32_t offset);

/// LINKTYPE_DSA_TAG_DSA: the same with a Marvell DSA tag, which takes the place of a VLAN tag.
ProtocolId parse_dsa_tag(DecodeContext& context);
void describe_dsa_tag(Dissector& dissector, std::uint32_t offset);

/// LINKTYPE_DSA_TAG_EDSA: a DSA tag behind an EtherType of its own and two reserved octets.
ProtocolId parse_edsa_tag(DecodeContext& context);
void describe_edsa_tag(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
