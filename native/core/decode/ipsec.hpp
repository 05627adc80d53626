#pragma once

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// Encapsulating Security Payload, RFC 4303. Not even its next header can be read.
ProtocolId parse_esp(DecodeContext& context);
void describe_esp(Dissector& dissector, std::uint32_t offset);

/// IP payload compression, RFC 3173.
ProtocolId parse_ip_comp(DecodeContext& context);
void describe_ip_comp(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
