#pragma once

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// Bridged frames in PPP (RFC 3518 section 4.2), with the LAN identification that RFC 1638 still had.
ProtocolId parse_ppp_bridge(DecodeContext& context);
void describe_ppp_bridge(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
