#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "decode/decoded_packet.hpp"
#include "meter/packet_digest.hpp"

namespace wireglass {

struct TrafficCount {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;

  void add(std::uint64_t more_packets, std::uint64_t more_bytes) {
    packets += more_packets;
    bytes += more_bytes;
  }
  void add(const TrafficCount& more) { add(more.packets, more.bytes); }
  friend bool operator==(const TrafficCount&, const TrafficCount&) = default;
};

/// Classes of the keyed IP packet's octets, by powers of two; the last one is open.
inline constexpr std::array<std::string_view, 8> kSizeClassNames = {
    "0-63", "64-127", "128-255", "256-511", "512-1023", "1024-2047", "2048-4095", "4096-"};

inline std::uint32_t size_class(std::uint32_t ip_bytes) {
  return std::min(static_cast<std::uint32_t>(std::bit_width(ip_bytes >> 6)), std::uint32_t{7});
}

/// What a packet's TCP flags open or end. kMixed: several of them at once, which no sound connection shows.
enum class TcpFlagKind : std::uint8_t { kNone, kSyn, kSynAck, kFin, kRst, kMixed };
inline constexpr std::array<std::string_view, 6> kTcpFlagKindNames = {"none", "syn", "syn_ack",
                                                                      "fin",  "rst", "mixed"};

constexpr TcpFlagKind tcp_flag_kind(std::uint32_t flags) {
  switch (flags & 0x07) {
    case 0x00:
      return TcpFlagKind::kNone;
    case 0x01:
      return TcpFlagKind::kFin;
    case 0x02:
      return (flags & 0x10) != 0 ? TcpFlagKind::kSynAck : TcpFlagKind::kSyn;
    case 0x04:
      return TcpFlagKind::kRst;
    default:
      return TcpFlagKind::kMixed;
  }
}

namespace detail {
constexpr std::array<std::uint8_t, 256> make_tcp_flag_kinds() {
  std::array<std::uint8_t, 256> kinds{};
  for (std::uint32_t flags = 0; flags < kinds.size(); ++flags) {
    kinds[flags] = static_cast<std::uint8_t>(tcp_flag_kind(flags));
  }
  return kinds;
}
}  // namespace detail
inline constexpr std::array<std::uint8_t, 256> kTcpFlagKinds = detail::make_tcp_flag_kinds();

/// Everything that may differ between two packets of one direction of a flow, counted jointly: so a packet
/// costs one increment, and the sums over each property are made once per interval.
struct PacketCells {
  static constexpr std::size_t kCells = std::size_t{64} * 8 * 8;  ///< DSCP, size class, TCP flag kind

  static std::uint32_t cell_of(const PacketDigest& digest) {
    return static_cast<std::uint32_t>(digest.dscp & 63) << 6 | size_class(digest.ip_bytes) << 3 |
           kTcpFlagKinds[digest.tcp_flags];
  }

  std::array<TrafficCount, kCells> cells;
};

/// What was seen at one interface in one interval. Each of the arrays sums to `metered`.
struct InterfaceCounts {
  TrafficCount captured;  ///< packets read, with their octets on the wire
  TrafficCount metered;   ///< packets in flows, with the octets of the keyed IP packet
  std::uint64_t flows_started = 0;
  std::uint64_t flows_ended = 0;
  std::array<std::uint64_t, kDecodeStatusNames.size()> refused{};  ///< packets by DecodeStatus; [kOk] stays 0
  std::array<TrafficCount, 256> protocol{};
  std::array<TrafficCount, kOverlayNames.size()> overlay{};
  std::array<TrafficCount, 2> ip_version{};  ///< 4, 6
  std::array<TrafficCount, 64> dscp{};
  std::array<TrafficCount, kSizeClassNames.size()> size{};
  std::array<TrafficCount, kTcpFlagKindNames.size()> tcp_flags{};

  void add(const InterfaceCounts& more);
  /// Adds packets of one cell.
  void add_cell(std::size_t cell, const TrafficCount& count);
  /// Adds what follows from a flow's key.
  void add_key(const FlowKey& key, std::uint64_t packets, std::uint64_t bytes);
};

}  // namespace wireglass
