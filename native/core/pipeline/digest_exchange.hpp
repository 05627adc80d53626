#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bounded_ring.hpp"
#include "base/counter.hpp"
#include "meter/packet_digest.hpp"

namespace wireglass {

/// Tells which worker owns a flow and carries digests there from the workers that decoded them: one ring for
/// each ordered pair of workers. With one worker there are no rings and every flow is its own.
class DigestExchange {
 public:
  static constexpr std::size_t kRingDigests = 4'096;

  explicit DigestExchange(std::uint32_t workers);

  std::uint32_t workers() const { return workers_; }

  /// Uses the hash's high half; a meter's table indexes by low bits, so that owners do not thin out each
  /// other's tables.
  std::uint32_t owner_of(std::uint64_t hash) const {
    return static_cast<std::uint32_t>(((hash >> 32) * workers_) >> 32);
  }

  /// Called by worker `from` only. A full ring refuses and the refusal is counted: the packet is metered
  /// nowhere.
  void hand_over(std::uint32_t from, std::uint32_t to, const PacketDigest& digest);
  /// Called by worker `to` only: takes up to `limit` digests out of its rings. Returns how many.
  std::size_t take(std::uint32_t to, PacketDigest* digests, std::size_t limit);

  /// Worker says that it will hand over nothing any more.
  void leave() { producers_.fetch_sub(1, std::memory_order_acq_rel); }
  /// True once every worker left; what take() returns after that is all there will be.
  bool all_left() const { return producers_.load(std::memory_order_acquire) == 0; }

  /// Digests that full rings refused to worker `from`.
  std::uint64_t lost(std::uint32_t from) const { return lost_[from].value(); }

 private:
  using Ring = BoundedRing<PacketDigest>;

  std::size_t slot(std::uint32_t from, std::uint32_t to) const {
    return static_cast<std::size_t>(from) * workers_ + to;
  }

  std::uint32_t workers_;
  std::vector<std::unique_ptr<Ring>> rings_;
  std::unique_ptr<Counter[]> lost_;
  std::atomic<std::uint32_t> producers_;
};

}  // namespace wireglass
