#pragma once

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// Generic Routing Encapsulation: version 0 (RFC 1701, RFC 2784, RFC 2890), whose key is the tenant, and
/// version 1 of PPTP (RFC 2637 section 4.1), whose call identifier is, and of MikroTik's Ethernet over IP,
/// whose tunnel identifier is. Behind an IP header or, by its port, in UDP (RFC 8086).
ProtocolId parse_gre(DecodeContext& context);
void describe_gre(Dissector& dissector, std::uint32_t offset);

/// What a WCCP router puts in front of a packet that it redirects in GRE: nothing or 4 octets.
ProtocolId parse_wccp_redirect(DecodeContext& context);
void describe_wccp_redirect(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
