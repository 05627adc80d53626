#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// Ethernet frame header, with EtherType or 802.3 length (IEEE 802.3 section 3.2).
ProtocolId parse_ethernet(DecodeContext& context);
void describe_ethernet(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
