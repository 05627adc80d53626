#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// AX.25 (version 2.2), with or without the octet of a KISS modem in front. IP is carried by UI and I frames.
ProtocolId parse_ax25(DecodeContext& context);
ProtocolId parse_ax25_kiss(DecodeContext& context);
void describe_ax25(Dissector& dissector, std::uint32_t offset);
void describe_ax25_kiss(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
