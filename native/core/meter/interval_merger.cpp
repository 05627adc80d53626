#include "meter/interval_merger.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "meter/interval_meter.hpp"

namespace wireglass {

namespace {
constexpr TimeNs kNever = std::numeric_limits<TimeNs>::min();
constexpr TimeNs kForever = std::numeric_limits<TimeNs>::max();
}  // namespace

IntervalMerger::IntervalMerger(const IntervalConfig& config, std::uint32_t sources)
    : config_(IntervalMeter::in_range(config)),
      complete_until_ns_(sources, kNever),
      reported_until_ns_(kNever) {}

void IntervalMerger::add(const IntervalSample& sample) {
  const auto same = std::find_if(held_.begin(), held_.end(), [&sample](const auto& held) {
    return held->start_ns() == sample.start_ns();
  });
  if (same != held_.end()) {
    (*same)->merge(sample);
    return;
  }
  if (held_.size() == kMaxHeld) {
    const auto oldest = std::min_element(held_.begin(), held_.end(), [](const auto& left, const auto& right) {
      return left->start_ns() < right->start_ns();
    });
    release(static_cast<std::size_t>(oldest - held_.begin()));
  }
  if (spare_.empty()) spare_.push_back(std::make_unique<IntervalSample>(config_, hash_));
  held_.push_back(std::move(spare_.back()));
  spare_.pop_back();
  held_.back()->reset(sample.start_ns());
  held_.back()->merge(sample);
}

void IntervalMerger::complete(std::uint32_t source, TimeNs until_ns) {
  if (complete_until_ns_[source] == until_ns || complete_until_ns_[source] == kForever) return;
  complete_until_ns_[source] = until_ns;
  release_complete();
}

void IntervalMerger::finish(std::uint32_t source) { complete(source, kForever); }

void IntervalMerger::release_complete() {
  const TimeNs until_ns = *std::min_element(complete_until_ns_.begin(), complete_until_ns_.end());
  std::sort(held_.begin(), held_.end(),
            [](const auto& left, const auto& right) { return left->start_ns() < right->start_ns(); });
  while (!held_.empty() && held_.front()->start_ns() < until_ns) release(0);
}

void IntervalMerger::release(std::size_t place) {
  const auto released = held_.begin() + static_cast<std::ptrdiff_t>(place);
  auto report = std::make_shared<IntervalReport>(make_report(**released, config_));
  report->is_correction = report->start_ns < reported_until_ns_;
  reported_until_ns_ = std::max(reported_until_ns_, report->start_ns + report->interval_ns);
  ready_.push_back(std::move(report));
  spare_.push_back(std::move(*released));
  held_.erase(released);
}

IntervalReportPtr IntervalMerger::take() {
  if (ready_.empty()) return nullptr;
  IntervalReportPtr report = std::move(ready_.front());
  ready_.pop_front();
  return report;
}

}  // namespace wireglass
