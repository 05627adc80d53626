#include "addon/environment.hpp"

#include <algorithm>
#include <utility>

namespace wireglass {

Environment::Environment(Napi::Env env) : engine_(CaptureEngine::shared()), channel_(EnvChannel::open(env)) {}

void Environment::attach(Napi::Env env) {
  auto* environment = new Environment(env);
  env.SetInstanceData(environment);
  // Hooks run last added first: this one comes before Node's own for the channel's thread-safe function.
  env.AddCleanupHook([environment] { environment->release(); });
}

void Environment::release() {
  for (const auto& subscription : subscriptions_) subscription->close();
  subscriptions_.clear();
  channel_->close();
  // The last environment's release ends a running capture: see Pipeline's destructor.
  engine_.reset();
}

std::shared_ptr<Subscription> Environment::subscribe(const Napi::Function& callback,
                                                     std::size_t queue_batches, Topic topic) {
  auto subscription =
      std::make_shared<Subscription>(channel_, engine_->hub(), callback, queue_batches, topic);
  subscriptions_.push_back(subscription);
  engine_->hub()->add(subscription);
  return subscription;
}

void Environment::unsubscribe(const std::shared_ptr<Subscription>& subscription) {
  subscription->close();
  std::erase(subscriptions_, subscription);
}

}  // namespace wireglass
