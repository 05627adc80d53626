#include "pipeline/snapshot_walk.hpp"

namespace wireglass {

bool SnapshotWalk::step(const FlowMeter& meter, FlowSink& sink) {
  if (!wanted()) return false;
  if (!walking_) {
    walking_ = true;
    shown_all_ = false;
    position_ = 0;
    id_ = requests_.id_of_round();
  }
  if (batches_.empty()) make_slice(meter);
  const FlowBatch& batch = *batches_.front();
  const bool says_something = batch.rows() > 0 || batch.last;
  if (says_something && !sink.offer(batches_.front())) return false;
  const bool closed = batch.last;
  batches_.pop_front();
  if (closed) {
    end_walk();
    requests_.finish();
  } else if (shown_all_ && batches_.empty()) {
    // Where the others have answered since the last slice was made, its closing is left to this one.
    if (requests_.answer()) {
      add_batch().last = true;
    } else {
      end_walk();
    }
  }
  return true;
}

void SnapshotWalk::make_slice(const FlowMeter& meter) {
  add_batch();
  position_ = meter.snapshot(position_, kSliceEntries, [this](const FlowRecord& record) {
    if (batches_.back()->full()) add_batch();
    batches_.back()->append(record);
  });
  shown_all_ = position_ == 0;
  batches_.back()->last = shown_all_ && requests_.closes_alone();
}

FlowBatch& SnapshotWalk::add_batch() {
  const auto& batch = batches_.emplace_back(std::make_shared<FlowBatch>());
  batch->kind = FlowBatch::Kind::kSnapshot;
  batch->snapshot_id = id_;
  return *batch;
}

void SnapshotWalk::end_walk() {
  walking_ = false;
  ++answered_;
}

}  // namespace wireglass
