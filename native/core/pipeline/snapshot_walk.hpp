#pragma once

#include <cstdint>
#include <mutex>

#include "meter/flow_batch.hpp"
#include "meter/flow_meter.hpp"

namespace wireglass {

/// Answers requests for the live flows: walks the meter a slice at a time, between packet batches, and offers
/// each slice as a kSnapshot batch. Every request that was taken is answered up to a batch with `last` set,
/// which may hold no rows. The answer is no instantaneous picture: a flow that ends meanwhile comes as a
/// record as well.
class SnapshotWalk {
 public:
  /// Entries of the meter's table that one slice walks.
  static constexpr std::uint32_t kSliceEntries = FlowColumns::kCapacityRows;

  /// From any thread. Returns the id that the answer bears: `id`, or that of a request which waits already
  /// and is answered for both; 0 when no answer can come any more.
  std::uint32_t request(std::uint32_t id);

  /// Whether a request is being answered or waits.
  bool wanted();

  /// The worker's part, between batches. Returns false when it did nothing: no request, or the sink is full.
  bool step(const FlowMeter& meter, FlowSink& sink);

  /// Takes no more requests. Returns false, and goes on taking them, while one is still to be answered;
  /// `abandon` leaves those unanswered.
  bool close(bool abandon);

 private:
  bool begin();

  std::mutex mutex_;
  std::uint32_t waiting_id_ = 0;
  bool closed_ = false;
  std::uint32_t active_id_ = 0;
  std::uint32_t position_ = 0;
  FlowBatchPtr batch_;
};

}  // namespace wireglass
