#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// GENEVE (RFC 8926 section 3): options, and an EtherType for what is inside.
ProtocolId parse_geneve(DecodeContext& context);
void describe_geneve(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
