#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "meter/flow_batch.hpp"

namespace wireglass {

/// What a subscriber is for.
enum class Topic : std::uint8_t { kFlows, kIntervals };

/// A subscriber as the hub sees it. All but `idle` are called with the hub's lock held.
class BatchReceiver {
 public:
  virtual ~BatchReceiver() = default;
  virtual Topic topic() const = 0;
  virtual bool room() const = 0;
  virtual void take(const FlowBatchPtr& batch) = 0;
  virtual void take_report(const IntervalReportPtr& report) = 0;
  /// True when every batch taken has been handed to the subscriber's callback.
  virtual bool idle() const = 0;
};

/// Hands each batch or report to all subscribers of its topic, or to none while one of them has no room: so a
/// source that can wait loses nothing for anyone. Without subscribers batches are taken and thrown away: the
/// flows are metered and counted only. Knows when all has been handed over. Any thread may call it.
class BatchHub final : public FlowSink {
 public:
  bool offer(const FlowBatchPtr& batch) override;
  bool offer_report(const IntervalReportPtr& report) override;
  /// Hands the batch to all subscribers whether they have room or not; for answers that must not get lost.
  void announce(const FlowBatchPtr& batch);

  void add(std::shared_ptr<BatchReceiver> receiver);
  /// The receiver is called no more when this returns. Idempotent.
  void remove(const BatchReceiver* receiver);
  /// To be called by a receiver that has become idle.
  void became_idle();

  /// A capture begins or has ended: its last batch has been offered.
  void begin_run();
  void end_run();

  /// No capture runs and every subscriber is idle.
  bool all_handed_over() const;
  /// Calls `done`, in whatever thread, as soon as all_handed_over().
  void when_all_handed_over(std::function<void()> done);
  /// Calls `done` as soon as that receiver is idle or gone.
  void when_idle(const BatchReceiver* receiver, std::function<void()> done);

 private:
  struct Waiter {
    const BatchReceiver* receiver;  ///< null: all receivers and no running capture
    std::function<void()> done;
  };

  bool has_room(Topic topic) const;
  bool satisfied(const Waiter& waiter) const;
  bool all_handed_over_locked() const;
  void add_waiter(Waiter waiter);
  void settle();

  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<BatchReceiver>> receivers_;
  std::vector<Waiter> waiters_;
  std::size_t runs_ = 0;
};

}  // namespace wireglass
