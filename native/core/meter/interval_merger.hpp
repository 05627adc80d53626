#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "meter/interval_report.hpp"

namespace wireglass {

/// Joins the samples of several sources (workers) into one report per interval. A report is ready once every
/// source has said that it is through with the interval; what comes after that makes a report of its own,
/// marked as a correction. Reports of one interval add, so nothing is lost either way. Not thread-safe.
class IntervalMerger {
 public:
  /// Intervals that wait for a source at most; beyond, the oldest is reported as it stands.
  static constexpr std::size_t kMaxHeld = 32;

  IntervalMerger(const IntervalConfig& config, std::uint32_t sources);

  void add(const IntervalSample& sample);
  /// The source hands over nothing more of intervals that begin before `until_ns`, but for corrections.
  void complete(std::uint32_t source, TimeNs until_ns);
  /// The source hands over nothing more at all.
  void finish(std::uint32_t source);

  /// The next report, by time; null when none is ready.
  IntervalReportPtr take();

 private:
  void release_complete();
  void release(std::size_t place);

  IntervalConfig config_;
  KeyedHash hash_;
  std::vector<TimeNs> complete_until_ns_;  ///< by source
  std::vector<std::unique_ptr<IntervalSample>> held_;
  std::vector<std::unique_ptr<IntervalSample>> spare_;
  std::deque<IntervalReportPtr> ready_;
  TimeNs reported_until_ns_;  ///< the latest interval that was reported begins before this
};

}  // namespace wireglass
