#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "bench/flow_counts.hpp"

namespace wireglass::bench {

/// What a flow meter cannot do without, and nothing else: the practical limit that Wireglass is compared
/// with.
/// - kHeaders: steps from record to record of a classic pcap file; the floor of the floor.
/// - kParse: and reads each packet's 5-tuple and hashes it.
/// - kCount: and counts packets and octets per unidirectional flow in one table.
enum class LoopMode : std::uint8_t { kHeaders, kParse, kCount };

class MinimalLoop {
 public:
  struct Totals {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;     ///< on the wire
    std::uint64_t ip_bytes = 0;  ///< not in kHeaders
    std::uint64_t not_ip_packets = 0;
    std::uint64_t hashes = 0;  ///< their sum, so that none can be left out
  };

  MinimalLoop(LoopMode mode, std::uint64_t flows)
      : mode_(mode), table_(mode == LoopMode::kCount ? flows : 1) {}

  /// Takes the whole records of a little-endian pcap file (its 24-byte header excluded) at the front of
  /// `bytes`; returns how many bytes they were.
  std::size_t walk(std::span<const std::byte> bytes);

  const Totals& totals() const { return totals_; }
  const FlowCounts& table() const { return table_; }

 private:
  template <LoopMode mode>
  std::size_t walk_as(std::span<const std::byte> bytes);

  LoopMode mode_;
  Totals totals_;
  FlowCounts table_;
};

}  // namespace wireglass::bench
