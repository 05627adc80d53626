#pragma once

#include <cstdint>

#include "base/counter.hpp"
#include "meter/flow_hash.hpp"
#include "meter/mapped_array.hpp"
#include "packet/ip_address.hpp"

namespace wireglass {

/// Which way a flow's packets came: what thousands of flows share, as their keys do not hold it. MACs have
/// the first octet highest; what a packet does not have is zero.
struct FlowPath {
  IpAddress outer_src;
  IpAddress outer_dst;
  std::uint64_t src_mac = 0;
  std::uint64_t dst_mac = 0;

  FlowPath reversed() const { return {outer_dst, outer_src, dst_mac, src_mac}; }
  friend bool operator==(const FlowPath&, const FlowPath&) = default;
};

/// Paths in use, each once, counted by the flows that refer to it. It has room for a fraction of the flows;
/// one more path than that is refused and counted, and its flows are metered without.
class PathTable {
 public:
  using Number = std::uint16_t;
  static constexpr Number kNone = 0;  ///< the path of zeros, or a refused one

  explicit PathTable(std::uint32_t max_flows);

  /// The number of this path, which counts one reference more; kNone when the table is full.
  Number acquire(const FlowPath& path);
  void release(Number number);
  const FlowPath& operator[](Number number) const { return slots_[number].path; }

  /// Times that a path was refused.
  const Counter& refused() const { return refused_; }

  static std::uint64_t footprint_bytes(std::uint32_t max_flows);

 private:
  struct Slot {
    FlowPath path;
    std::uint32_t references;
    Number next;  ///< of the same bucket, or of the free list
    Number unused;
  };

  static std::uint32_t slot_count(std::uint32_t max_flows);
  Number& bucket_of(const FlowPath& path);

  MappedArray<Slot> slots_;
  MappedArray<Number> buckets_;
  FlowHash hash_;
  std::uint32_t slot_count_;
  Number high_water_ = 1;
  Number free_ = kNone;
  Number last_ = kNone;  ///< most often the next one wanted
  Counter refused_;
};

}  // namespace wireglass
