#include "pipeline/worker_intervals.hpp"

#include <algorithm>
#include <limits>

namespace wireglass {

namespace {

/// The tally has no flows, and its samples wait for those of the meter anyway.
IntervalConfig tally_config(IntervalConfig config) {
  config.lateness_ns = 0;
  config.top_capacity = 0;
  config.max_active_flows = 0;
  return config;
}

}  // namespace

WorkerIntervals::WorkerIntervals(std::uint32_t worker, const IntervalConfig& config, IntervalOutlet* outlet)
    : worker_(worker), outlet_(outlet), complete_until_ns_(std::numeric_limits<TimeNs>::min()) {
  if (outlet == nullptr) return;
  tally_ = std::make_unique<IntervalMeter>(tally_config(config), KeyedHash(), no_flows_, receiver());
}

SampleReceiver WorkerIntervals::receiver() {
  if (outlet_ == nullptr) return {};
  return [outlet = outlet_](const IntervalSample& sample) { outlet->add(sample); };
}

void WorkerIntervals::between_batches(const FlowMeter& meter, bool wait, const std::atomic<bool>& abandon) {
  if (!tally_) return;
  const TimeNs metered_until_ns = meter.intervals_complete_until();
  if (const std::uint64_t steps = meter.counters().clock_steps.value(); steps != clock_steps_) {
    clock_steps_ = steps;
    tally_->finish();
  }
  tally_->advance(metered_until_ns);
  tally_->step(0, metered_until_ns);
  const TimeNs until_ns = std::min(metered_until_ns, tally_->complete_until());
  if (until_ns != complete_until_ns_) {
    complete_until_ns_ = until_ns;
    outlet_->complete(worker_, until_ns);
  }
  outlet_->hand_over(wait, abandon);
}

void WorkerIntervals::finish(const std::atomic<bool>& abandon) {
  if (!tally_) return;
  tally_->finish();
  outlet_->finish(worker_);
  outlet_->hand_over(true, abandon);
}

}  // namespace wireglass
