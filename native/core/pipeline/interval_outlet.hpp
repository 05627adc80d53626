#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>

#include "meter/flow_batch.hpp"
#include "meter/interval_merger.hpp"

namespace wireglass {

/// Where the workers' interval samples become reports and leave for the sink, in the order of time. Any
/// worker may call it.
class IntervalOutlet {
 public:
  /// Reports that wait for a live capture's sink at most; beyond, the oldest is dropped and counted.
  static constexpr std::size_t kMaxWaiting = 64;

  IntervalOutlet(const IntervalConfig& config, std::uint32_t workers, std::shared_ptr<FlowSink> sink);

  void add(const IntervalSample& sample);
  /// See IntervalMerger.
  void complete(std::uint32_t worker, TimeNs until_ns);
  void finish(std::uint32_t worker);

  /// Offers what is ready to the sink. `wait`: until it is taken, or `abandon` is set.
  void hand_over(bool wait, const std::atomic<bool>& abandon);

  std::uint64_t reports_dropped() const { return reports_dropped_.load(std::memory_order_relaxed); }

 private:
  void fetch();

  std::shared_ptr<FlowSink> sink_;
  std::mutex mutex_;
  IntervalMerger merger_;
  std::deque<IntervalReportPtr> waiting_;
  std::atomic<bool> is_waiting_{false};
  std::atomic<std::uint64_t> reports_dropped_{0};
};

}  // namespace wireglass
