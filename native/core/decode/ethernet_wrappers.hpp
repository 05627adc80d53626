#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// LINKTYPE_EPON: the preamble with the logical link id (IEEE 802.3 section 65.1.3).
ProtocolId parse_epon(DecodeContext& context);
void describe_epon(Dissector& dissector, std::uint32_t offset);

/// LINKTYPE_NETANALYZER and LINKTYPE_NETANALYZER_TRANSPARENT: four octets of the probe, the latter with the
/// preamble.
ProtocolId parse_netanalyzer(DecodeContext& context);
ProtocolId parse_netanalyzer_transparent(DecodeContext& context);
void describe_netanalyzer(Dissector& dissector, std::uint32_t offset);
void describe_netanalyzer_transparent(Dissector& dissector, std::uint32_t offset);

/// LINKTYPE_ETHERNET_MPACKET (IEEE 802.3 clause 99): preamble and start delimiter. A fragment that continues
/// a preempted frame has no header of its own and is not followed.
ProtocolId parse_mpacket(DecodeContext& context);
void describe_mpacket(Dissector& dissector, std::uint32_t offset);

/// LINKTYPE_DSA_TAG_BRCM_PREPEND: a Broadcom switch tag in front of the frame.
ProtocolId parse_broadcom_prepended(DecodeContext& context);
void describe_broadcom_prepended(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
