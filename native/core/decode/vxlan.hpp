#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// VXLAN (RFC 7348 section 5; with the group policy extension or without): Ethernet inside.
ProtocolId parse_vxlan(DecodeContext& context);
void describe_vxlan(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
