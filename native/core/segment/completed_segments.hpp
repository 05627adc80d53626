#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "segment/eviction_log.hpp"
#include "segment/segment_files.hpp"

namespace wireglass {

/// The complete segments of a directory, oldest first, and their eviction.
class CompletedSegments {
 public:
  explicit CompletedSegments(const SegmentFiles& files) : files_(files), log_(files.eviction_log()) {}

  /// Takes stock of the directory and finishes evictions that a crash interrupted.
  /// Errors: "segment_unwritable", "segment_damaged".
  Result<void> open();
  void add(std::uint64_t sequence, std::uint64_t bytes);

  std::uint64_t total_bytes() const { return total_bytes_; }
  std::uint64_t highest_evicted() const;

  /// Removes the oldest until `max_bytes` are not exceeded; `evicted` counts them. Errors:
  /// "segment_unwritable".
  Result<void> evict(std::uint64_t max_bytes, std::uint32_t sensor, TimeNs now, std::uint64_t& evicted);

 private:
  struct Entry {
    std::uint64_t sequence = 0;
    std::uint64_t bytes = 0;  ///< with the index
  };

  Result<void> evict_oldest(std::uint32_t sensor, TimeNs now);

  SegmentFiles files_;
  EvictionLog log_;
  std::deque<Entry> entries_;
  std::uint64_t total_bytes_ = 0;
};

}  // namespace wireglass
