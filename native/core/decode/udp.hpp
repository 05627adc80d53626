#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// UDP (RFC 768). What follows is decided by port; a length field below 8 is not followed, 0 covers all
/// there is (RFC 2675 section 4).
ProtocolId parse_udp(DecodeContext& context);
void describe_udp(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
