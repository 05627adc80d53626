#pragma once

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// Protocol Independent Multicast, RFC 7761 section 4.9. A Register message is a tunnel: it carries a
/// multicast packet to the rendezvous point.
ProtocolId parse_pim(DecodeContext& context);
void describe_pim(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
