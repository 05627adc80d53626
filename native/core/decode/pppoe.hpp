#pragma once

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// PPP over Ethernet, session stage, RFC 2516 section 5. The discovery stage has an EtherType of its own and
/// carries no packets.
ProtocolId parse_pppoe(DecodeContext& context);
void describe_pppoe(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
