#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "addon/capture_engine.hpp"
#include "addon/env_channel.hpp"
#include "addon/subscription.hpp"

namespace wireglass {

/// What one Node environment (the main thread, a worker thread) holds of the addon: released by a cleanup
/// hook before Node takes the environment down, so that no worker thread of ours calls into it afterwards.
class Environment {
 public:
  /// Makes the instance data of this environment.
  static void attach(Napi::Env env);
  static Environment& of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }

  explicit Environment(Napi::Env env);

  const std::shared_ptr<CaptureEngine>& engine() const { return engine_; }
  const std::shared_ptr<EnvChannel>& channel() const { return channel_; }

  std::shared_ptr<Subscription> subscribe(const Napi::Function& callback, std::size_t queue_batches,
                                          Topic topic);
  void unsubscribe(const std::shared_ptr<Subscription>& subscription);

 private:
  void release();

  std::shared_ptr<CaptureEngine> engine_;
  std::shared_ptr<EnvChannel> channel_;
  std::vector<std::shared_ptr<Subscription>> subscriptions_;
};

}  // namespace wireglass
