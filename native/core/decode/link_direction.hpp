#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// LINKTYPE_PPP_WITH_DIR, LINKTYPE_C_HDLC_WITH_DIR and LINKTYPE_FRELAY_WITH_DIR: one octet that tells who
/// sent the frame.
ProtocolId parse_ppp_with_direction(DecodeContext& context);
ProtocolId parse_cisco_hdlc_with_direction(DecodeContext& context);
ProtocolId parse_frame_relay_with_direction(DecodeContext& context);
void describe_ppp_with_direction(Dissector& dissector, std::uint32_t offset);
void describe_cisco_hdlc_with_direction(Dissector& dissector, std::uint32_t offset);
void describe_frame_relay_with_direction(Dissector& dissector, std::uint32_t offset);

/// LINKTYPE_PPP_PPPD: the direction stands in place of the address field.
ProtocolId parse_pppd(DecodeContext& context);
void describe_pppd(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
