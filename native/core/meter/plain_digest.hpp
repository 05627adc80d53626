#pragma once

#include <cstdint>
#include <span>

#include "decode/udp_port_table.hpp"
#include "meter/flow_hash.hpp"
#include "meter/packet_digest.hpp"
#include "packet/packet_view.hpp"

namespace wireglass {

/// The shortest way through what most packets are: Ethernet, at most one VLAN tag, IPv4 without options or
/// IPv6 without extension headers, unfragmented, TCP or a UDP that may be no tunnel, lengths in order and all
/// of these headers captured. From bytes to digest, key and hash included, exactly what Decoder, make_digest
/// and hash_key give for such a packet, which `is_plain` tells of each; the digest of any other is in any
/// state: then those three do it. The spans are as long as `packets`.
void make_plain_digests(std::span<const PacketView> packets, const UdpPortTable& udp_ports,
                        const FlowHash& hash, std::uint32_t segment, std::span<PacketDigest> digests,
                        std::span<bool> is_plain);

}  // namespace wireglass
