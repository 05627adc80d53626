#pragma once

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// An IP packet straight behind an IP header: RFC 2003, RFC 2473, RFC 4213, and where that header has a
/// segment routing header, SRv6 (RFC 8986: End.DT4, End.DT6, ...). It has no header of its own.
ProtocolId parse_ip_in_ip(DecodeContext& context);

/// An Ethernet frame straight behind an IP header, protocol 143: SRv6's End.DX2 and its kin (RFC 8986
/// section 10.1). It has no header of its own.
ProtocolId parse_ethernet_in_ip(DecodeContext& context);

/// An Ethernet frame behind 16 bits with a version, RFC 3378.
ProtocolId parse_ether_ip(DecodeContext& context);
void describe_ether_ip(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
