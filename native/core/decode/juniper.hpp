#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// Juniper's capture header, for the interfaces whose frames can be told without the box's configuration.
ProtocolId parse_juniper_ethernet(DecodeContext& context);
ProtocolId parse_juniper_ppp(DecodeContext& context);
ProtocolId parse_juniper_frame_relay(DecodeContext& context);
ProtocolId parse_juniper_chdlc(DecodeContext& context);
ProtocolId parse_juniper_atm1(DecodeContext& context);
ProtocolId parse_juniper_atm2(DecodeContext& context);
ProtocolId parse_juniper_ggsn(DecodeContext& context);
void describe_juniper(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
