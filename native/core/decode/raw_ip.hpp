#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// IP without a header in front: the first nibble is its version. Adds no header of its own.
ProtocolId parse_raw_ip(DecodeContext& context);

}  // namespace wireglass
