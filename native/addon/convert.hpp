#pragma once

#include <napi.h>

#include <optional>
#include <string>
#include <string_view>

#include "addon/capture_engine.hpp"

namespace wireglass {

inline Napi::String to_js(Napi::Env env, std::string_view text) {
  return Napi::String::New(env, text.data(), text.size());
}

/// A counter; exact to 2^53.
inline Napi::Number to_js(Napi::Env env, std::uint64_t count) {
  return Napi::Number::New(env, static_cast<double>(count));
}

/// Reads an optional property of an options object: left alone where it is absent or undefined.
template <class Value>
void read_option(const Napi::Object& options, const char* name, Value& into) {
  const Napi::Value value = options.Get(name);
  if (value.IsUndefined()) return;
  if constexpr (std::is_same_v<Value, bool>) {
    into = value.As<Napi::Boolean>().Value();
  } else if constexpr (std::is_same_v<Value, std::string>) {
    into = value.As<Napi::String>().Utf8Value();
  } else if constexpr (std::is_floating_point_v<Value>) {
    into = value.As<Napi::Number>().DoubleValue();
  } else {
    into = static_cast<Value>(value.As<Napi::Number>().Int64Value());
  }
}

/// A bigint option, as 64 bits.
std::optional<std::int64_t> read_bigint(const Napi::Object& options, const char* name);

Napi::Object to_js(Napi::Env env, const EngineSnapshot& snapshot);
Napi::Object to_js(Napi::Env env, const PipelineCounters& counters);
Napi::Object to_js(Napi::Env env, const ConversationCounts& counts);

}  // namespace wireglass
