#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// FDDI (ISO 9314-2). Frames of other classes than LLC carry no network protocol.
ProtocolId parse_fddi(DecodeContext& context);
void describe_fddi(Dissector& dissector, std::uint32_t offset);

/// IEEE 802.5 Token Ring, source routing included.
ProtocolId parse_token_ring(DecodeContext& context);
void describe_token_ring(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
