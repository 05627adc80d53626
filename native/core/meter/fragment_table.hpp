#pragma once

#include <cstddef>
#include <cstdint>

#include "base/counter.hpp"
#include "base/time.hpp"
#include "decode/decoded_packet.hpp"
#include "meter/flow_hash.hpp"
#include "meter/flow_key.hpp"
#include "meter/mapped_array.hpp"
#include "packet/packet_view.hpp"

namespace wireglass {

struct FragmentConfig {
  static constexpr std::uint32_t kMaxDatagrams = 1U << 24;

  std::uint32_t max_datagrams = 16'384;  ///< rounded up to a power of two, kMaxDatagrams at most
  /// From the first fragment on. RFC 791 section 3.2 asks for 15 s at least, RFC 8200 section 4.5 for 60 s at
  /// most.
  TimeNs timeout_ns = 30 * kSecondNs;
};

struct FragmentCounters {
  Counter learned;      ///< first fragments whose ports are known from then on
  Counter resolved;     ///< later fragments that got their ports
  Counter unresolved;   ///< later fragments metered without: their first one was not seen, or came later
  Counter replaced;     ///< datagrams forgotten ahead of time for newer ones
  Counter conflicting;  ///< first fragments that contradict an earlier one of the same datagram, not taken
};

/// Ports of fragmented datagrams, so that later fragments, which have no transport header, join the flow of
/// their first one. A worker calls follow() for each packet that it has decoded, in the order of capture and
/// ahead of everything that reads ports (conversations, digest):
///
///   decoder.decode(packet, decoded);
///   if (decoded.status != DecodeStatus::kOk) ...
///   fragments.follow(packet, decoded);
///
/// Datagrams are told apart by addresses, protocol (IPv4), identification, VLANs and the tunnel around them,
/// in buckets by a keyed hash; a full bucket forgets its oldest datagram, so that memory is fixed and nothing
/// is ever scanned. A later fragment that comes ahead of its first one stays unresolved: holding it back
/// would take a packet out of its place in time. Of two first fragments of one datagram the earlier one
/// counts, as long as kReuseNs has not passed; after that the identification is taken to be used again.
///
/// Not thread-safe: one table where the packets of a datagram come by, one after the other.
class FragmentTable {
 public:
  /// Fast senders go through all 65 536 identifications in seconds (RFC 4963 section 2).
  static constexpr TimeNs kReuseNs = kSecondNs;

  /// `hash` outlives the table.
  FragmentTable(const FragmentConfig& config, const FlowHash& hash);

  /// Learns from the packet, or sets ports and protocol of its innermost IP layer. A packet without fragments
  /// costs one branch.
  void follow(const PacketView& packet, DecodedPacket& decoded) {
    if (decoded.has_fragments) [[unlikely]]
      follow_fragments(packet, decoded);
  }

  const FragmentCounters& counters() const { return counters_; }

  /// Memory of a table once it has been full: it grows page by page until then.
  static std::size_t footprint_bytes(const FragmentConfig& config);

 private:
  static constexpr std::uint32_t kWays = 4;

  /// All bytes 0: empty.
  struct Datagram {
    FlowKey key;  ///< source is endpoint a; the ports hold the identification
    TimeNs learned_ns;
    std::uint16_t src_port;
    std::uint16_t dst_port;
    std::uint8_t protocol;  ///< of the upper layer, behind extension headers
    bool has_ports;
    bool is_used;
    std::uint8_t reserved;
  };
  static_assert(sizeof(Datagram) == 64, "one cache line each");

  void follow_fragments(const PacketView& packet, DecodedPacket& decoded);
  void learn(const PacketView& packet, const DecodedPacket& decoded, const IpLayer& layer);
  void resolve(const PacketView& packet, const DecodedPacket& decoded, IpLayer& layer);

  Datagram* bucket_of(const FlowKey& key);
  Datagram* find(Datagram* bucket, const FlowKey& key, TimeNs now_ns) const;
  Datagram& place_for(Datagram* bucket, TimeNs now_ns);
  bool is_valid(const Datagram& datagram, TimeNs now_ns) const;

  const std::uint64_t timeout_ns_;
  const std::uint64_t bucket_mask_;
  const FlowHash& hash_;
  MappedArray<Datagram> datagrams_;
  FragmentCounters counters_;
};

}  // namespace wireglass
