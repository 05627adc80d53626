#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// Endace Extensible Record Format: the record header with its extension headers, then the frame.
ProtocolId parse_erf(DecodeContext& context);
void describe_erf(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
