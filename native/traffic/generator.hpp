#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "packet/generated/flow_enums.hpp"
#include "packet/packet_view.hpp"

namespace wireglass {

/// What traffic to make. The same profile and seed give the same bytes, everywhere.
struct TrafficProfile {
  enum class Kind : std::uint8_t {
    kOrdinary,  ///< client/server connections, as an office or a data centre has them
    kLispAi,    ///< AI inference inside LISP: a JSON metadata header names model and workload_type
    kDemo,      ///< both, endless
    kTunnels,   ///< ordinary connections, most of them inside tunnels of every kind
  };
  Kind kind = Kind::kOrdinary;
  std::uint64_t seed = 1;
  std::uint64_t packets = 1'000'000;  ///< 0: endless (kDemo, kLispAi)
  std::uint32_t snaplen = 65535;
  /// Of trace time: evenly spaced (kOrdinary), or on average (kLispAi, kDemo, whose connections have a
  /// rhythm).
  std::uint64_t packets_per_second = 100'000;
  TimeNs start_ns = 1'700'000'000 * kSecondNs;

  // Of kOrdinary and kTunnels (whose VLANs are a matter of its own).
  std::uint64_t flows = 100'000;   ///< unidirectional 5-tuples; a connection is two of them
  double zipf = 1.1;               ///< exponent of the flow-size law, 0: all alike
  std::string sizes = "imix";      ///< small (64) | imix (7:4:1 of 64, 570, 1514) | large (1514) | fixed:LEN
  std::uint32_t ipv6_percent = 0;  ///< shares of the connections
  std::uint32_t tcp_percent = 80;
  std::uint32_t udp_percent = 18;  ///< the rest is ICMP echo
  std::uint32_t vlan_percent = 0;
  bool bidirectional = true;
  bool syn_only = false;  ///< every packet is a bare SYN, as in a flood or a scan
  /// All connections are open at once: their first packets come first, the rest of each is spread evenly over
  /// the rest of the trace, and none is ended.
  bool all_live = false;
};

/// What was made inside tunnels of one kind.
struct TunnelLedger {
  std::uint64_t packets = 0;
  std::uint64_t ip_bytes = 0;  ///< of the innermost IP packets
  std::uint64_t biflows = 0;   ///< innermost, tenant in the key
};

/// The truth about what a generator has made so far, counted where the packets are made. Counts of distinct
/// conversations are exact however long a generator runs: each conversation counts when its key appears
/// first.
struct TrafficLedger {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;     ///< on the wire, padding included, without frame check sequence
  std::uint64_t ip_bytes = 0;  ///< of the innermost IP packets: what a meter's `bytes` must sum to
  std::uint64_t biflows = 0;   ///< innermost, tenant in the key, without timeouts
  std::uint64_t outer_tcp = 0, outer_udp = 0;  ///< distinct unordered 5-tuples of the outermost IP header
  std::uint64_t inner_tcp = 0, inner_udp = 0;  ///< the same of inner ones, without the tenant
  std::uint64_t tcp_packets = 0, udp_packets = 0, icmp_packets = 0;  ///< by innermost protocol
  std::uint64_t lisp_packets = 0;                                    ///< carried inside LISP (RFC 9300)
  std::uint64_t lisp_control_packets = 0;                            ///< of the LISP control plane (RFC 9301)
  std::uint64_t ipv6_packets = 0;                                    ///< by the innermost IP header
  std::uint64_t vlan_packets = 0;
  std::uint64_t tcp_retransmissions = 0;  ///< segments that repeat sequence numbers, on purpose (syn_only)

  std::array<TunnelLedger, kOverlayNames.size()> tunnels{};  ///< by Overlay; kTunnels only

  std::string to_json() const;
};

/// Makes packets one after another; time stamps rise.
class TrafficGenerator {
 public:
  virtual ~TrafficGenerator() = default;
  /// The next packet, valid until the next call; false at the end.
  virtual bool next(PacketView& packet) = 0;
  virtual const TrafficLedger& ledger() const = 0;
};

/// Errors: "bad_traffic_profile", naming the value and what was expected.
Result<void> check_profile(const TrafficProfile& profile);

/// Errors: as check_profile().
Result<std::unique_ptr<TrafficGenerator>> make_generator(const TrafficProfile& profile);

}  // namespace wireglass
