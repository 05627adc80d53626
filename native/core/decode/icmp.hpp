#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// ICMP (RFC 792). Packets quoted in errors are no layers of this packet.
ProtocolId parse_icmp(DecodeContext& context);
void describe_icmp(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
