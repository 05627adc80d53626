#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// TaZmen Sniffer Protocol: a header with tagged fields, then a frame of the kind it tells.
ProtocolId parse_tzsp(DecodeContext& context);

/// The same in a UDP datagram: a sniffer that sends on what it sees.
ProtocolId parse_tzsp_in_udp(DecodeContext& context);

void describe_tzsp(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
