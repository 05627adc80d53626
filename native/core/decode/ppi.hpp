#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// LINKTYPE_PPI: a header of fields about the capture, which tells the link type behind it.
ProtocolId parse_ppi(DecodeContext& context);
void describe_ppi(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
