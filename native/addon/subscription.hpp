#pragma once

#include <napi.h>

#include <atomic>
#include <memory>

#include "addon/batch_hub.hpp"
#include "addon/env_channel.hpp"

namespace wireglass {

/// One subscriber of one environment: a bounded queue of batches, or of interval reports, in front of a
/// JavaScript function. One counts as queued until the function has returned or, where it returned a promise,
/// until that is settled.
class Subscription final : public BatchReceiver, public std::enable_shared_from_this<Subscription> {
 public:
  Subscription(std::shared_ptr<EnvChannel> channel, std::shared_ptr<BatchHub> hub,
               const Napi::Function& callback, std::size_t queue_batches, Topic topic);

  Topic topic() const override { return topic_; }
  bool room() const override { return queued_.load(std::memory_order_acquire) < queue_batches_; }
  void take(const FlowBatchPtr& batch) override;
  void take_report(const IntervalReportPtr& report) override;
  bool idle() const override { return queued_.load(std::memory_order_acquire) == 0; }

  /// In the environment's thread: leaves the hub; the function is not called any more.
  void close();

 private:
  template <class Item>
  void enqueue(const Item& item);
  template <class Item>
  void deliver(Napi::Env env, const Item& item);
  void handed_over();

  const std::shared_ptr<EnvChannel> channel_;
  const std::shared_ptr<BatchHub> hub_;
  const std::size_t queue_batches_;
  const Topic topic_;
  std::atomic<std::size_t> queued_{0};
  Napi::FunctionReference callback_;  ///< empty once closed; the environment's thread only
};

}  // namespace wireglass
