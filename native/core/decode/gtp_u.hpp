#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// GTP-U (3GPP TS 29.281 section 5): the packets of G-PDUs. Other messages (echo, error indication, ...)
/// carry none, and what is on the port but no GTP-U makes no header at all.
ProtocolId parse_gtp_u(DecodeContext& context);
void describe_gtp_u(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
