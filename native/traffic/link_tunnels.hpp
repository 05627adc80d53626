#pragma once

#include <cstdint>

#include "traffic/tunnel_headers.hpp"

namespace wireglass {

// Ways to carry a packet over an Ethernet link without an IP header outside (TunnelKind::wrap): tags and
// labels that make no tunnel, and services that do.

/// 802.1ad around 802.1Q, the customer's tag with a priority.
std::uint8_t wrap_qinq(TunnelledPacket& packet, const TunnelFields& fields);
/// A PPPoE session (RFC 2516) of the connection.
std::uint8_t wrap_pppoe(TunnelledPacket& packet, const TunnelFields& fields);
/// IP behind one to four labels (RFC 3032), which differ per direction.
std::uint8_t wrap_mpls_ip(TunnelledPacket& packet, const TunnelFields& fields);
/// An Ethernet pseudowire with control word (RFC 4448), whose label differs per direction.
std::uint8_t wrap_mpls_ethernet(TunnelledPacket& packet, const TunnelFields& fields);
/// Service function chaining (RFC 8300) with context of fixed length in front of Ethernet, with none in front
/// of IP.
std::uint8_t wrap_nsh(TunnelledPacket& packet, const TunnelFields& fields);
/// Provider backbone bridge (IEEE 802.1ah) with a backbone tag.
std::uint8_t wrap_pbb(TunnelledPacket& packet, const TunnelFields& fields);

}  // namespace wireglass
