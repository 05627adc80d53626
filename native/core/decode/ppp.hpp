#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// PPP in HDLC-like framing, with or without address and control field (RFC 1662 section 3.1, RFC 1661
/// section 2).
ProtocolId parse_ppp(DecodeContext& context);
void describe_ppp(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
