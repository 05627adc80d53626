#include "pipeline/interval_outlet.hpp"

#include <chrono>
#include <thread>
#include <utility>

namespace wireglass {

namespace {
constexpr auto kRetryInterval = std::chrono::microseconds(500);
}

IntervalOutlet::IntervalOutlet(const IntervalConfig& config, std::uint32_t workers,
                               std::shared_ptr<FlowSink> sink)
    : sink_(std::move(sink)), merger_(config, workers) {}

void IntervalOutlet::add(const IntervalSample& sample) {
  const std::lock_guard lock(mutex_);
  merger_.add(sample);
  fetch();
}

void IntervalOutlet::complete(std::uint32_t worker, TimeNs until_ns) {
  const std::lock_guard lock(mutex_);
  merger_.complete(worker, until_ns);
  fetch();
}

void IntervalOutlet::finish(std::uint32_t worker) {
  const std::lock_guard lock(mutex_);
  merger_.finish(worker);
  fetch();
}

void IntervalOutlet::fetch() {
  while (IntervalReportPtr report = merger_.take()) waiting_.push_back(std::move(report));
  is_waiting_.store(!waiting_.empty(), std::memory_order_relaxed);
}

void IntervalOutlet::hand_over(bool wait, const std::atomic<bool>& abandon) {
  if (!is_waiting_.load(std::memory_order_relaxed)) return;
  // Held while it waits: what other workers have for the sink must not overtake, and they can wait as well.
  const std::lock_guard lock(mutex_);
  while (!waiting_.empty()) {
    if (sink_->offer_report(waiting_.front())) {
      waiting_.pop_front();
    } else if (wait && !abandon.load(std::memory_order_relaxed)) {
      std::this_thread::sleep_for(kRetryInterval);
    } else if (wait || waiting_.size() > kMaxWaiting) {
      waiting_.pop_front();
      reports_dropped_.fetch_add(1, std::memory_order_relaxed);
    } else {
      break;
    }
  }
  is_waiting_.store(!waiting_.empty(), std::memory_order_relaxed);
}

}  // namespace wireglass
