#pragma once

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// Generic UDP Encapsulation, variants 0 and 1 (draft-ietf-intarea-gue section 3).
ProtocolId parse_gue(DecodeContext& context);
void describe_gue(Dissector& dissector, std::uint32_t offset);

/// UDP with nothing between its header and an IP or GRE packet, as Linux has it ("foo over UDP").
ProtocolId parse_fou(DecodeContext& context);

}  // namespace wireglass
