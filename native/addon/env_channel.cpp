#include "addon/env_channel.hpp"

#include <utility>

namespace wireglass {

std::shared_ptr<EnvChannel> EnvChannel::open(Napi::Env env) {
  auto channel = std::make_shared<EnvChannel>();
  const Napi::String name = Napi::String::New(env, "wireglass");
  const napi_status status = napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr,
                                                             nullptr, nullptr, run_task, &channel->function_);
  if (status != napi_ok) throw Napi::Error::New(env);
  napi_unref_threadsafe_function(env, channel->function_);
  return channel;
}

void EnvChannel::run_task(napi_env env, napi_value /*callback*/, void* /*context*/, void* data) {
  const std::unique_ptr<Task> task(static_cast<Task*>(data));
  if (env == nullptr) return;
  try {
    (*task)(Napi::Env(env));
  } catch (const Napi::Error& error) {
    // Node only warns about exceptions that leave a task; a subscriber's mistake must not pass so quietly.
    napi_fatal_exception(env, error.Value());
  }
}

bool EnvChannel::post(Task task) {
  auto data = std::make_unique<Task>(std::move(task));
  const std::lock_guard lock(mutex_);
  if (function_ == nullptr) return false;
  if (napi_call_threadsafe_function(function_, data.get(), napi_tsfn_nonblocking) != napi_ok) return false;
  [[maybe_unused]] const Task* owned_by_queue = data.release();
  return true;
}

void EnvChannel::close() {
  const std::lock_guard lock(mutex_);
  // Node itself takes the function down with the environment; what counts is that nobody calls it from here
  // on.
  function_ = nullptr;
}

void EnvChannel::hold_loop(Napi::Env env) {
  if (loop_holds_++ == 0 && function_ != nullptr) napi_ref_threadsafe_function(env, function_);
}

void EnvChannel::release_loop(Napi::Env env) {
  if (--loop_holds_ == 0 && function_ != nullptr) napi_unref_threadsafe_function(env, function_);
}

std::pair<Napi::Promise, std::function<void()>> EnvChannel::promise(
    const std::shared_ptr<EnvChannel>& channel, Napi::Env env) {
  const auto deferred = std::make_shared<Napi::Promise::Deferred>(env);
  channel->hold_loop(env);
  auto resolve = [channel, deferred] {
    channel->post([channel, deferred](Napi::Env task_env) {
      channel->release_loop(task_env);
      deferred->Resolve(task_env.Undefined());
    });
  };
  return {deferred->Promise(), std::move(resolve)};
}

}  // namespace wireglass
