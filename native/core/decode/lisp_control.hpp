#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// LISP control message (RFC 9301 section 5). What it quotes is no layer of this packet.
ProtocolId parse_lisp_control(DecodeContext& context);
void describe_lisp_control(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
