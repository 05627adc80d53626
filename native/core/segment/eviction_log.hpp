#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace wireglass {

/// One evicted segment, or a range of them that compaction made of the oldest.
struct Eviction {
  std::uint64_t first_sequence = 0;
  std::uint64_t last_sequence = 0;
  std::uint32_t sensor = 0;
  TimeNs first_evicted_at_ns = 0;
  TimeNs last_evicted_at_ns = 0;
  std::string reason;
  std::uint64_t packets = 0;  ///< of all of them; 0: not known

  bool is_range() const { return last_sequence != first_sequence; }
};

/// evicted.jsonl: what became of segments that are gone, oldest first, one JSON object per line:
///   {"sequence":7,"evicted_at_ns":"1700000000000000000","reason":"max_total_bytes","packets":912,"sensor":31}
/// Ranges have "last_sequence" and "last_evicted_at_ns" as well. Holds at most kMaxLines lines: when it is
/// full, its older half becomes one range per sensor and reason.
class EvictionLog {
 public:
  static constexpr std::size_t kMaxLines = 4096;

  explicit EvictionLog(std::string path) : path_(std::move(path)) {}

  /// Reads what is there; a line that a crash cut is dropped. Errors: "segment_unwritable",
  /// "segment_damaged".
  Result<void> open();
  const std::vector<Eviction>& entries() const { return entries_; }

  /// Notes an eviction; it is in memory even when writing fails, and written with the next.
  Result<void> add(const Eviction& eviction);
  /// Writes what an earlier add() could not.
  Result<void> flush();

 private:
  void compact();

  std::string path_;
  std::vector<Eviction> entries_;
  std::size_t unwritten_ = 0;  ///< entries at the end that are not in the file
  bool needs_rewrite_ = false;
};

/// Reads the log; a file that is not there is empty. Lines that are no evictions are passed over; `whole`
/// tells whether there were any. Errors: "segment_damaged".
Result<std::vector<Eviction>> read_evictions(const std::string& path, bool* whole = nullptr);

}  // namespace wireglass
