#pragma once

#include <napi.h>

#include <functional>
#include <memory>
#include <mutex>

namespace wireglass {

/// Carries tasks from any thread to the thread of one Node environment, in order. Tasks by themselves do not
/// keep the event loop alive; open promises do (hold_loop). When the environment goes, posting ends for good
/// and tasks that did not run are destroyed.
class EnvChannel {
 public:
  using Task = std::function<void(Napi::Env)>;

  /// In the environment's thread.
  static std::shared_ptr<EnvChannel> open(Napi::Env env);

  /// From any thread. Returns false when the environment is gone.
  bool post(Task task);
  /// In the environment's thread, when it goes; afterwards no task runs.
  void close();

  /// In the environment's thread: the loop stays alive until as many releases follow.
  void hold_loop(Napi::Env env);
  void release_loop(Napi::Env env);

  /// In the environment's thread: a promise and a function that resolves it, once, from any thread.
  static std::pair<Napi::Promise, std::function<void()>> promise(const std::shared_ptr<EnvChannel>& channel,
                                                                 Napi::Env env);

 private:
  static void run_task(napi_env env, napi_value callback, void* context, void* data);

  std::mutex mutex_;
  napi_threadsafe_function function_ = nullptr;
  std::size_t loop_holds_ = 0;
};

}  // namespace wireglass
