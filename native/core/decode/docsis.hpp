#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// DOCSIS MAC frame (DOCSIS MULPI section 6.2). Packet data units are followed into Ethernet.
ProtocolId parse_docsis(DecodeContext& context);
void describe_docsis(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
