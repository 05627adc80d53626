#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// LISP data packet (RFC 9300 section 5): a tunnel that adds an inner IP layer.
ProtocolId parse_lisp(DecodeContext& context);
void describe_lisp(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
