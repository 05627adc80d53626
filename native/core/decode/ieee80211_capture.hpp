#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// Headers in front of 802.11 frames with how they were received: radiotap, Prism and AVS.
ProtocolId parse_radiotap(DecodeContext& context);
ProtocolId parse_prism(DecodeContext& context);
ProtocolId parse_avs(DecodeContext& context);
void describe_radiotap(Dissector& dissector, std::uint32_t offset);
void describe_prism(Dissector& dissector, std::uint32_t offset);
void describe_avs(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
