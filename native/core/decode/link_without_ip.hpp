#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// Link types that carry no IP by their nature (CAN, D-Bus, Bluetooth, ...): their packets are whole frames
/// of another protocol. Adds no header of its own.
ProtocolId parse_link_without_ip(DecodeContext& context);

}  // namespace wireglass
