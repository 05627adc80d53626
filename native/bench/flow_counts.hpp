#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "bench/five_tuple.hpp"
#include "meter/mapped_array.hpp"

namespace wireglass::bench {

/// The minimal loop's flow table: one cache line per flow, open addressing, never more than three quarters
/// full. A packet of a new flow beyond that is counted as refused.
class FlowCounts {
 public:
  explicit FlowCounts(std::uint64_t flows)
      : slots_(std::bit_ceil(flows + flows / 2 + 1)), limit_(slots_ / 4 * 3), entries_(slots_) {}

  void prefetch(std::uint64_t hash) const { __builtin_prefetch(&entries_[hash & (slots_ - 1)], 1); }

  void count(const FiveTuple& key, std::uint64_t hash, std::uint32_t ip_bytes) {
    std::uint64_t slot = hash & (slots_ - 1);
    while (!(entries_[slot].key == key)) {
      if (entries_[slot].key.ports_protocol == 0) {
        if (flows_ == limit_) {
          ++refused_packets_;
          return;
        }
        ++flows_;
        entries_[slot].key = key;
        break;
      }
      slot = (slot + 1) & (slots_ - 1);
    }
    ++entries_[slot].packets;
    entries_[slot].ip_bytes += ip_bytes;
  }

  std::uint64_t flows() const { return flows_; }
  std::uint64_t refused_packets() const { return refused_packets_; }

 private:
  struct alignas(64) Entry {
    FiveTuple key;
    std::uint64_t packets;
    std::uint64_t ip_bytes;
  };
  static_assert(sizeof(Entry) == 64);

  std::uint64_t slots_;
  std::uint64_t limit_;
  std::uint64_t flows_ = 0;
  std::uint64_t refused_packets_ = 0;
  MappedArray<Entry> entries_;
};

}  // namespace wireglass::bench
