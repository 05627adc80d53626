#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// Teredo (RFC 4380 section 5.1.1): IPv6 in UDP, behind an authentication and an origin indication or none.
ProtocolId parse_teredo(DecodeContext& context);
void describe_teredo(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
