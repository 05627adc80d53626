#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "base/time.hpp"
#include "decode/decoded_packet.hpp"
#include "decode/tunnel_identifier.hpp"
#include "meter/flow_hash.hpp"
#include "meter/flow_key.hpp"
#include "packet/packet_view.hpp"

namespace wireglass {

/// All that the meter needs of a packet, in two cache lines. A worker that decodes a packet of another
/// worker's flow hands this over, never the packet. What only a flow's beginning asks for stays where the
/// packet is and is found by its offset.
struct alignas(64) PacketDigest {
  static constexpr std::uint16_t kNoHeader = 0xffff;

  FlowKey key;
  std::uint64_t hash = 0;  ///< of the key, by FlowHash
  TimeNs timestamp_ns = 0;
  /// First captured octet of the packet; valid as long as the batch that holds it. The offsets below count
  /// from here.
  const std::byte* frame = nullptr;
  std::uint32_t ip_bytes = 0;
  std::uint32_t segment = 0;  ///< sequence of the segment that records the packet, 0 when none does
  std::uint32_t tcp_sequence = 0;
  std::uint32_t tcp_acknowledgment = 0;
  std::uint32_t payload_bytes = 0;  ///< behind the TCP or UDP header, on the wire
  std::uint32_t teid = 0;           ///< valid when the overlay has an identifier per direction
  std::uint16_t tcp_window = 0;
  std::uint16_t interface_id = 0;
  std::uint16_t icmp_type_code = 0;           ///< valid when key.protocol is ICMP or ICMPv6
  std::uint16_t payload_offset = 0;           ///< valid when payload was captured
  std::uint16_t captured_payload_bytes = 0;   ///< of payload_bytes, 65 535 at most
  std::uint16_t ethernet_offset = kNoHeader;  ///< of the innermost Ethernet header
  /// Of the IP header that carries the tunnel; valid when key.overlay is not kNone. A layer 2 service has
  /// none.
  std::uint16_t outer_ip_offset = kNoHeader;
  std::uint8_t tcp_flags = 0;  ///< 0 unless the packet shows a TCP header
  bool has_tcp = false;        ///< the header is whole: sequence, acknowledgment and window are valid
  bool from_b = false;         ///< the packet's source is endpoint b
  std::uint8_t ttl = 0;
  std::uint8_t dscp = 0;

  std::span<const std::byte> payload() const { return {frame + payload_offset, captured_payload_bytes}; }
};
static_assert(sizeof(PacketDigest) == 128);
static_assert(PacketDigest::kNoHeader == DecodedPacket::kNoEthernet);

/// Notes which octets of the packet are captured payload.
inline void set_payload(PacketDigest& digest, const PacketView& packet, std::uint32_t offset) {
  const std::uint32_t captured = packet.captured_length > offset ? packet.captured_length - offset : 0;
  const std::uint32_t limit =
      offset < UINT16_MAX ? std::min<std::uint32_t>(digest.payload_bytes, UINT16_MAX) : 0;
  digest.payload_offset = static_cast<std::uint16_t>(offset);
  digest.captured_payload_bytes = static_cast<std::uint16_t>(std::min(captured, limit));
}

/// MAC addresses of the innermost Ethernet header, the first octet highest; 0 without one.
struct MacPair {
  std::uint64_t src = 0;
  std::uint64_t dst = 0;
};
MacPair macs_of(const PacketDigest& digest);

/// The tunnel's ends; "::" without a tunnel or where a layer 2 service carries it.
struct AddressPair {
  IpAddress src;
  IpAddress dst;
};
AddressPair outer_addresses_of(const PacketDigest& digest);

/// Digest of a packet that was decoded with status kOk. Key and hash are completed by hash_key.
/// Ports are 0 where no transport header shows them: protocols without ports (ICMP), later fragments (RFC 791
/// section 3.2, RFC 8200 section 4.5), which so make a flow of their own between the same addresses, and
/// truncated packets.
void make_digest(const PacketView& packet, const DecodedPacket& decoded, std::uint32_t segment,
                 PacketDigest& digest);

/// Hash of the unordered pair that the two directions of a tunnel have in common: its ends, or, in a
/// pseudowire, whose ends have no addresses in the packet, the stations that talk through it.
std::uint64_t hash_of_peers(const FlowHash& hash, const PacketDigest& digest);

/// Completes the digest's key and hashes it. Where a tunnel has an identifier per direction, its flows are
/// told apart by its peers: 32 bits of their hash stand for the tenant.
inline void hash_key(const FlowHash& hash, PacketDigest& digest) {
  if (has_identifier_per_direction(digest.key.overlay)) {
    digest.key.tenant_id = static_cast<std::uint32_t>(hash_of_peers(hash, digest));
  }
  digest.hash = hash(digest.key);
}

}  // namespace wireglass
