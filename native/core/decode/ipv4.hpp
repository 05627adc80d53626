#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// IPv4 (RFC 791). Adds an IP layer.
ProtocolId parse_ipv4(DecodeContext& context);
void describe_ipv4(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
