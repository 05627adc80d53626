#include "bench/minimal_loop.hpp"

#include <array>
#include <cstring>

namespace wireglass::bench {
namespace {

/// Packets whose table entries are on their way from memory at the same time.
constexpr std::size_t kGroupPackets = 32;

struct PcapRecord {
  std::uint32_t seconds;
  std::uint32_t fraction;
  std::uint32_t captured;
  std::uint32_t original;
};
static_assert(sizeof(PcapRecord) == 16);

struct Waiting {
  FiveTuple key;
  std::uint64_t hash;
  std::uint32_t ip_bytes;
};

}  // namespace

template <LoopMode mode>
std::size_t MinimalLoop::walk_as(std::span<const std::byte> bytes) {
  std::array<Waiting, kGroupPackets> group;
  Totals totals = totals_;
  std::size_t at = 0;
  bool whole = true;
  while (whole) {
    std::size_t waiting = 0;
    while (waiting < kGroupPackets) {
      PcapRecord record;
      whole = bytes.size() - at >= sizeof(record);
      if (!whole) break;
      std::memcpy(&record, &bytes[at], sizeof(record));
      whole = bytes.size() - at - sizeof(record) >= record.captured;
      if (!whole) break;
      const std::span<const std::byte> frame = bytes.subspan(at + sizeof(record), record.captured);
      at += sizeof(record) + record.captured;
      ++totals.packets;
      totals.bytes += record.original;
      if constexpr (mode == LoopMode::kHeaders) continue;
      Waiting& packet = group[waiting];
      packet.ip_bytes = read_five_tuple(frame, packet.key);
      totals.ip_bytes += packet.ip_bytes;
      if (packet.ip_bytes == 0) {
        ++totals.not_ip_packets;
        continue;
      }
      packet.hash = hash_of(packet.key);
      if constexpr (mode == LoopMode::kCount) {
        table_.prefetch(packet.hash);
        ++waiting;
      } else {
        totals.hashes += packet.hash;
      }
    }
    for (const Waiting& packet : std::span(group).first(waiting)) {
      table_.count(packet.key, packet.hash, packet.ip_bytes);
    }
  }
  totals_ = totals;
  return at;
}

std::size_t MinimalLoop::walk(std::span<const std::byte> bytes) {
  switch (mode_) {
    case LoopMode::kHeaders:
      return walk_as<LoopMode::kHeaders>(bytes);
    case LoopMode::kParse:
      return walk_as<LoopMode::kParse>(bytes);
    case LoopMode::kCount:
      break;
  }
  return walk_as<LoopMode::kCount>(bytes);
}

}  // namespace wireglass::bench
