#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"

namespace wireglass {

// For tunnels that have no field that tells what they carry, and for senders that leave it wrong: what stands
// behind the tunnel's header has to show it, so that any other datagram on a tunnel's port is not taken for
// one.

/// Bytes that the tunnel's own IP packet has from the cursor on: as its UDP header tells (more than the
/// packet has where that is only its first fragment, or was cut by whoever wrote the file) or as there are.
std::uint32_t tunnel_remaining(DecodeContext& context);

/// The IP header that stands `ahead` bytes behind the cursor, `size` bytes in front of the tunnel's end; kEnd
/// where version and lengths say that it can be none.
ProtocolId plausible_ip(const DecodeContext& context, std::uint32_t size, std::uint32_t ahead = 0);

/// kEthernet where an Ethernet header stands there, with two VLAN tags at most, and behind it an IP header of
/// the version that the EtherType says; else kEnd.
ProtocolId plausible_ethernet(DecodeContext& context, std::uint32_t ahead = 0);

}  // namespace wireglass
