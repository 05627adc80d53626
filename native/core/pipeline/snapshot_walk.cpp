#include "pipeline/snapshot_walk.hpp"

namespace wireglass {

std::uint32_t SnapshotWalk::request(std::uint32_t id) {
  const std::lock_guard lock(mutex_);
  if (closed_) return 0;
  if (waiting_id_ == 0) waiting_id_ = id;
  return waiting_id_;
}

bool SnapshotWalk::begin() {
  const std::lock_guard lock(mutex_);
  active_id_ = waiting_id_;
  waiting_id_ = 0;
  position_ = 0;
  return active_id_ != 0;
}

bool SnapshotWalk::wanted() {
  if (active_id_ != 0) return true;
  const std::lock_guard lock(mutex_);
  return waiting_id_ != 0;
}

bool SnapshotWalk::step(const FlowMeter& meter, FlowSink& sink) {
  if (active_id_ == 0 && !begin()) return false;
  if (!batch_) {
    batch_ = std::make_shared<FlowBatch>();
    batch_->kind = FlowBatch::Kind::kSnapshot;
    batch_->snapshot_id = active_id_;
    position_ = meter.snapshot(position_, kSliceEntries,
                               [this](const FlowRecord& record) { batch_->append(record); });
    batch_->last = position_ == 0;
  }
  const bool empty_slice = batch_->rows() == 0 && !batch_->last;
  if (!empty_slice && !sink.offer(batch_)) return false;
  if (batch_->last) active_id_ = 0;
  batch_.reset();
  return true;
}

bool SnapshotWalk::close(bool abandon) {
  const std::lock_guard lock(mutex_);
  if (!abandon && (active_id_ != 0 || waiting_id_ != 0)) return false;
  closed_ = true;
  return true;
}

}  // namespace wireglass
