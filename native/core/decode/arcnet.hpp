#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// ARCNET with RFC 1201 or RFC 1051 headers, as the BSDs and as Linux capture it.
ProtocolId parse_arcnet_bsd(DecodeContext& context);
ProtocolId parse_arcnet_linux(DecodeContext& context);
void describe_arcnet_bsd(Dissector& dissector, std::uint32_t offset);
void describe_arcnet_linux(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
