#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// One VLAN tag: IEEE 802.1Q, 802.1ad or the 0x9100 that went before; stacked ones come one by one.
ProtocolId parse_vlan(DecodeContext& context);
void describe_vlan(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
