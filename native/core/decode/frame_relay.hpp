#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// Frame Relay (ITU-T Q.922 address field) with what RFC 2427 or Cisco put behind it.
ProtocolId parse_frame_relay(DecodeContext& context);
void describe_frame_relay(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
