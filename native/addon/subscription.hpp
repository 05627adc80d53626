#pragma once

#include <napi.h>

#include <atomic>
#include <memory>

#include "addon/batch_hub.hpp"
#include "addon/env_channel.hpp"

namespace wireglass {

/// One subscriber of one environment: a bounded queue of batches in front of a JavaScript function. A batch
/// counts as queued until the function has returned.
class Subscription final : public BatchReceiver, public std::enable_shared_from_this<Subscription> {
 public:
  Subscription(std::shared_ptr<EnvChannel> channel, std::shared_ptr<BatchHub> hub,
               const Napi::Function& callback, std::size_t queue_batches);

  bool room() const override { return queued_.load(std::memory_order_acquire) < queue_batches_; }
  void take(const FlowBatchPtr& batch) override;
  bool idle() const override { return queued_.load(std::memory_order_acquire) == 0; }

  /// In the environment's thread: leaves the hub; the function is not called any more.
  void close();

 private:
  void deliver(Napi::Env env, const FlowBatchPtr& batch);
  void handed_over();

  const std::shared_ptr<EnvChannel> channel_;
  const std::shared_ptr<BatchHub> hub_;
  const std::size_t queue_batches_;
  std::atomic<std::size_t> queued_{0};
  Napi::FunctionReference callback_;  ///< empty once closed; the environment's thread only
};

}  // namespace wireglass
