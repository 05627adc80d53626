#include <napi.h>

#include <memory>
#include <utility>
#include <vector>

#include "addon/async_call.hpp"
#include "addon/bindings.hpp"
#include "addon/capture_options.hpp"
#include "addon/convert.hpp"
#include "addon/environment.hpp"
#include "capture/backends.hpp"

namespace wireglass {

namespace {

/// Result<void> as a value that AsyncCall can keep.
struct Nothing {};

/// start(options): Promise<void>
Napi::Value start(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Result<CaptureOrder> order = read_capture_options(info[0].As<Napi::Object>());
  if (!order.ok()) throw to_js_error(env, order.error());
  auto work = [engine = Environment::of(env).engine(),
               held = std::make_shared<CaptureOrder>(std::move(order.value()))]() -> Result<Nothing> {
    const Result<void> started = engine->start(std::move(*held));
    if (!started.ok()) return started.error();
    return Nothing{};
  };
  return AsyncCall<Nothing>::run(env, std::move(work),
                                 [](Napi::Env value_env, Nothing&) { return value_env.Undefined(); });
}

Napi::Promise promise_of_handover(Environment& environment, Napi::Env env) {
  auto [promise, resolve] = EnvChannel::promise(environment.channel(), env);
  environment.engine()->hub()->when_all_handed_over(std::move(resolve));
  return promise;
}

/// stop(): Promise<void>
Napi::Value stop(const Napi::CallbackInfo& info) {
  Environment& environment = Environment::of(info.Env());
  const Result<void> stopping = environment.engine()->request_stop();
  if (!stopping.ok()) throw to_js_error(info.Env(), stopping.error());
  return promise_of_handover(environment, info.Env());
}

/// finished(): Promise<void>
Napi::Value finished(const Napi::CallbackInfo& info) {
  return promise_of_handover(Environment::of(info.Env()), info.Env());
}

/// status(): EngineStatus
Napi::Value status(const Napi::CallbackInfo& info) {
  return to_js(info.Env(), Environment::of(info.Env()).engine()->snapshot());
}

/// counters(): EngineCounters
Napi::Value counters(const Napi::CallbackInfo& info) {
  return to_js(info.Env(), Environment::of(info.Env()).engine()->counters());
}

/// conversations(): Conversations
Napi::Value conversations(const Napi::CallbackInfo& info) {
  const CaptureEngine& engine = *Environment::of(info.Env()).engine();
  Napi::Object both = Napi::Object::New(info.Env());
  both["outer"] = to_js(info.Env(), engine.outer_conversations());
  both["inner"] = to_js(info.Env(), engine.inner_conversations());
  return both;
}

/// requestSnapshot(): number
Napi::Value request_snapshot(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), Environment::of(info.Env()).engine()->request_snapshot());
}

/// {close(): void, drained(): Promise<void>}
Napi::Object subscribe_to(const Napi::CallbackInfo& info, Topic topic) {
  const Napi::Env env = info.Env();
  const auto subscription = Environment::of(env).subscribe(
      info[0].As<Napi::Function>(), static_cast<std::size_t>(info[1].As<Napi::Number>().Int64Value()), topic);
  Napi::Object handle = Napi::Object::New(env);
  handle["close"] = Napi::Function::New(
      env,
      [subscription](const Napi::CallbackInfo& call) {
        Environment::of(call.Env()).unsubscribe(subscription);
      },
      "close");
  handle["drained"] = Napi::Function::New(
      env,
      [subscription](const Napi::CallbackInfo& call) -> Napi::Value {
        Environment& environment = Environment::of(call.Env());
        auto [promise, resolve] = EnvChannel::promise(environment.channel(), call.Env());
        environment.engine()->hub()->when_idle(subscription.get(), std::move(resolve));
        return promise;
      },
      "drained");
  return handle;
}

/// subscribe(callback, queueSize): AddonSubscription
Napi::Value subscribe(const Napi::CallbackInfo& info) { return subscribe_to(info, Topic::kFlows); }

/// subscribeIntervals(callback, queueSize): AddonSubscription
Napi::Value subscribe_intervals(const Napi::CallbackInfo& info) {
  return subscribe_to(info, Topic::kIntervals);
}

Napi::Value backends_to_js(Napi::Env env, const std::vector<BackendProbe>& probes) {
  Napi::Array list = Napi::Array::New(env, probes.size());
  for (std::uint32_t index = 0; index < probes.size(); ++index) {
    const BackendProbe& probe = probes[index];
    Napi::Array features = Napi::Array::New(env, probe.features.size());
    for (std::uint32_t feature = 0; feature < probe.features.size(); ++feature) {
      features[feature] = to_js(env, probe.features[feature]);
    }
    Napi::Object backend = Napi::Object::New(env);
    backend["name"] = to_js(env, probe.name);
    backend["available"] = Napi::Boolean::New(env, probe.available);
    backend["reason"] = to_js(env, probe.reason);
    backend["remedy"] = to_js(env, probe.remedy);
    backend["features"] = features;
    list[index] = backend;
  }
  return list;
}

/// captureBackends(): Promise<BackendInfo[]>
Napi::Value capture_backends(const Napi::CallbackInfo& info) {
  using Probes = std::vector<BackendProbe>;
  return AsyncCall<Probes>::run(
      info.Env(), []() -> Result<Probes> { return probe_backends(); },
      [](Napi::Env env, Probes& probes) { return backends_to_js(env, probes); });
}

}  // namespace

void export_engine(Napi::Env env, Napi::Object exports) {
  exports["start"] = Napi::Function::New(env, start, "start");
  exports["stop"] = Napi::Function::New(env, stop, "stop");
  exports["finished"] = Napi::Function::New(env, finished, "finished");
  exports["status"] = Napi::Function::New(env, status, "status");
  exports["counters"] = Napi::Function::New(env, counters, "counters");
  exports["conversations"] = Napi::Function::New(env, conversations, "conversations");
  exports["requestSnapshot"] = Napi::Function::New(env, request_snapshot, "requestSnapshot");
  exports["subscribe"] = Napi::Function::New(env, subscribe, "subscribe");
  exports["subscribeIntervals"] = Napi::Function::New(env, subscribe_intervals, "subscribeIntervals");
  exports["captureBackends"] = Napi::Function::New(env, capture_backends, "captureBackends");
}

}  // namespace wireglass
