#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// TCP (RFC 9293). The packet is metered as soon as its ports are there, whatever its further fields say.
ProtocolId parse_tcp(DecodeContext& context);
void describe_tcp(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
