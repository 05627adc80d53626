#pragma once

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// An MPLS label stack, RFC 3032, and what it carries: IP, an Ethernet pseudowire (RFC 4448) with or without
/// control word, or an associated channel (RFC 5586). Nothing in the packet says which (RFC 4928); the first
/// octets behind the stack must.
///
/// The label at the bottom is the tenant where the stack stands in an IP packet (RFC 4023, RFC 7510, GRE) and
/// where it is a pseudowire's. Of IP packets straight under labels on a link it is not: labels differ per
/// direction there, and both directions are one flow.
ProtocolId parse_mpls(DecodeContext& context);
void describe_mpls(Dissector& dissector, std::uint32_t offset);

/// A pseudowire's control word, RFC 4385 section 3, in front of an Ethernet frame.
ProtocolId parse_pseudowire(DecodeContext& context);
void describe_pseudowire(Dissector& dissector, std::uint32_t offset);

/// An associated channel header, RFC 5586 section 2.1. What runs in one is OAM; of its kinds, IP packets
/// (RFC 4385 section 5) are followed.
ProtocolId parse_mpls_channel(DecodeContext& context);
void describe_mpls_channel(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
