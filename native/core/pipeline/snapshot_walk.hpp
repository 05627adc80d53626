#pragma once

#include <cstdint>
#include <deque>

#include "meter/flow_batch.hpp"
#include "meter/flow_meter.hpp"
#include "pipeline/snapshot_requests.hpp"

namespace wireglass {

/// A worker's part of the answers: walks its meter a slice at a time, between packet batches, and offers each
/// slice as a kSnapshot batch. The answer is no instantaneous picture: a flow that ends meanwhile comes as a
/// record as well.
class SnapshotWalk {
 public:
  /// Entries of the meter's table that one slice walks.
  static constexpr std::uint32_t kSliceEntries = FlowColumns::kCapacityRows;

  explicit SnapshotWalk(SnapshotRequests& requests) : requests_(requests) {}

  /// Whether a request is being answered or waits.
  bool wanted() const { return walking_ || requests_.round() != answered_; }

  /// Between batches. Returns false when it did nothing: no request, or the sink is full.
  bool step(const FlowMeter& meter, FlowSink& sink);

  /// The worker takes no more requests. Returns false while one is still to be answered; `abandon` leaves
  /// that unanswered.
  bool leave(bool abandon) { return (abandon || !walking_) && requests_.leave(answered_, abandon); }

 private:
  void make_slice(const FlowMeter& meter);
  FlowBatch& add_batch();
  void end_walk();

  SnapshotRequests& requests_;
  std::uint64_t answered_ = 0;  ///< the round that was answered last
  bool walking_ = false;
  bool shown_all_ = false;
  std::uint32_t id_ = 0;
  std::uint32_t position_ = 0;
  std::deque<FlowBatchPtr> batches_;  ///< of a slice; several where its strings fill one's heap
};

}  // namespace wireglass
