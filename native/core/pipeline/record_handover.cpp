#include "pipeline/record_handover.hpp"

#include <chrono>
#include <thread>
#include <utility>

namespace wireglass {

namespace {
constexpr auto kRetryInterval = std::chrono::microseconds(500);
}

RecordHandover::RecordHandover(std::shared_ptr<FlowSink> sink, TimeNs batch_age_ns,
                               const std::atomic<bool>& abandon)
    : sink_(std::move(sink)), batch_age_ns_(batch_age_ns), abandon_(abandon) {}

void RecordHandover::append(const FlowRecord& record) {
  if (batch_->full()) make_room();
  batch_->append(record);
}

void RecordHandover::make_room() {
  const bool taken = when_full_ == WhenFull::kWait ? deliver(batch_) : sink_->offer(batch_);
  if (!taken) records_dropped_.add(batch_->rows());
  batch_ = std::make_shared<FlowBatch>();
}

bool RecordHandover::deliver(const FlowBatchPtr& batch) {
  while (!sink_->offer(batch)) {
    if (abandon_.load(std::memory_order_relaxed)) return false;
    std::this_thread::sleep_for(kRetryInterval);
  }
  return true;
}

void RecordHandover::poll(TimeNs now, bool at_once) {
  if (batch_->rows() == 0) {
    collecting_since_ns_ = now;
    return;
  }
  if (!at_once && !batch_->full() && now - collecting_since_ns_ < batch_age_ns_) return;
  if (!sink_->offer(batch_)) return;
  batch_ = std::make_shared<FlowBatch>();
  collecting_since_ns_ = now;
}

void RecordHandover::flush() {
  if (batch_->rows() == 0) return;
  if (!deliver(batch_)) records_dropped_.add(batch_->rows());
  batch_ = std::make_shared<FlowBatch>();
}

}  // namespace wireglass
