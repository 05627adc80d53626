#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// IPv6 with its extension headers (RFC 8200). Adds an IP layer.
ProtocolId parse_ipv6(DecodeContext& context);
void describe_ipv6(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
