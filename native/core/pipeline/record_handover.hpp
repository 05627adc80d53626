#pragma once

#include <atomic>
#include <memory>

#include "base/counter.hpp"
#include "base/time.hpp"
#include "meter/flow_batch.hpp"

namespace wireglass {

/// Collects a worker's records into batches and offers these to the sink. One thread, the worker, owns it.
class RecordHandover {
 public:
  /// What happens to a full batch that the sink does not take.
  enum class WhenFull : std::uint8_t {
    kWait,  ///< files: the reading waits
    kDrop,  ///< live: the records are counted as dropped, because waiting would lose packets
  };

  /// `abandon` ends every waiting: what the sink refuses from then on is dropped and counted.
  RecordHandover(std::shared_ptr<FlowSink> sink, TimeNs batch_age_ns, const std::atomic<bool>& abandon);

  void when_full(WhenFull policy) { when_full_ = policy; }
  bool waits() const { return when_full_ == WhenFull::kWait; }

  void append(const FlowRecord& record);
  /// Offers a batch that is full or has waited for the configured age, or any that holds a record when
  /// `at_once`; one that is refused goes on collecting.
  void poll(TimeNs now, bool at_once);
  /// Hands over what is left.
  void flush();
  /// Hands over a batch made elsewhere: waits for the sink, whatever the policy, unless abandoned.
  bool deliver(const FlowBatchPtr& batch);

  const Counter& records_dropped() const { return records_dropped_; }

 private:
  void make_room();

  std::shared_ptr<FlowSink> sink_;
  TimeNs batch_age_ns_;
  const std::atomic<bool>& abandon_;
  WhenFull when_full_ = WhenFull::kWait;
  FlowBatchPtr batch_ = std::make_shared<FlowBatch>();
  TimeNs collecting_since_ns_ = 0;
  Counter records_dropped_;
};

}  // namespace wireglass
