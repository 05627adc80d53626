#pragma once

#include <napi.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/result.hpp"

namespace wireglass {

/// An Error of the core as a JavaScript error with a `code`.
inline Napi::Error to_js_error(Napi::Env env, const Error& error) {
  Napi::Error thrown = Napi::Error::New(env, error.message);
  thrown.Set("code", Napi::String::New(env, std::string(error.code)));
  return thrown;
}

/// Runs `work` off the event loop and settles a promise with what it gives, converted in the environment's
/// thread.
template <class Value>
class AsyncCall final : public Napi::AsyncWorker {
 public:
  using Work = std::function<Result<Value>()>;
  using Convert = std::function<Napi::Value(Napi::Env, Value&)>;

  static Napi::Promise run(Napi::Env env, Work work, Convert convert) {
    // Napi::AsyncWorker deletes itself when it is done.
    auto* call = new AsyncCall(env, std::move(work), std::move(convert));
    const Napi::Promise promise = call->deferred_.Promise();
    call->Queue();
    return promise;
  }

 protected:
  void Execute() override { result_.emplace(work_()); }
  void OnOK() override {
    if (!result_->ok()) {
      deferred_.Reject(to_js_error(Env(), result_->error()).Value());
      return;
    }
    deferred_.Resolve(convert_(Env(), result_->value()));
  }
  void OnError(const Napi::Error& error) override {
    deferred_.Reject(to_js_error(Env(), {"internal_error", error.Message()}).Value());
  }

 private:
  AsyncCall(Napi::Env env, Work work, Convert convert)
      : Napi::AsyncWorker(env), deferred_(env), work_(std::move(work)), convert_(std::move(convert)) {}

  Napi::Promise::Deferred deferred_;
  Work work_;
  Convert convert_;
  std::optional<Result<Value>> result_;
};

}  // namespace wireglass
