#pragma once

#include "meter/packet_digest.hpp"

namespace wireglass {

/// Digest of the outermost IP layer of a packet that was decoded with status kOk and carries a tunnel: key of
/// layer kOuter, so that the tunnel's own flow never is one of those inside. Complete but for hash_key.
/// False, and nothing made, for a packet without a tunnel inside its outermost IP layer.
bool make_outer_digest(const PacketView& packet, const DecodedPacket& decoded, std::uint32_t segment,
                       PacketDigest& digest);

}  // namespace wireglass
