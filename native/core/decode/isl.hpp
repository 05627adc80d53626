#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// Cisco Inter-Switch Link: what stands between the length of the outer 802.3 header and the inner frame.
ProtocolId parse_isl(DecodeContext& context);
void describe_isl(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
