#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// ICMPv6 (RFC 4443). Packets quoted in errors are no layers of this packet.
ProtocolId parse_icmpv6(DecodeContext& context);
void describe_icmpv6(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
