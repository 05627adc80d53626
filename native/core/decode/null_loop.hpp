#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// LINKTYPE_NULL and LINKTYPE_LOOP: four bytes of address family.
ProtocolId parse_null_loop(DecodeContext& context);
void describe_null_loop(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
