#include "addon/convert.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace wireglass {

namespace {

constexpr std::array<std::string_view, 5> kStateNames = {"idle", "running", "draining", "finished", "failed"};

/// Packets of a link type without decoder are shown by that type's name; of types beyond those told apart,
/// together.
Napi::Object refused_to_js(Napi::Env env, const PipelineCounters& counters) {
  Napi::Object refused = Napi::Object::New(env);
  constexpr auto kByLinkType = static_cast<std::size_t>(DecodeStatus::kLinkTypeUnsupported);
  std::uint64_t unnamed = counters.refused[kByLinkType];
  for (const auto& [name, packets] : counters.refused_link_types) {
    const std::string reason = name.starts_with("link type") ? name : "link type " + name;
    refused.Set(reason, to_js(env, packets));
    unnamed -= std::min(unnamed, packets);
  }
  for (std::size_t status = 0; status < counters.refused.size(); ++status) {
    const std::uint64_t packets = status == kByLinkType ? unnamed : counters.refused[status];
    if (packets > 0) refused.Set(std::string(kDecodeStatusNames[status]), to_js(env, packets));
  }
  return refused;
}

/// Name → count, of what did occur.
Napi::Object named_to_js(Napi::Env env, std::span<const std::string_view> names,
                         std::span<const std::uint64_t> counts) {
  Napi::Object object = Napi::Object::New(env);
  for (std::size_t index = 0; index < counts.size(); ++index) {
    if (counts[index] > 0) object.Set(std::string(names[index]), to_js(env, counts[index]));
  }
  return object;
}

}  // namespace

std::optional<std::int64_t> read_bigint(const Napi::Object& options, const char* name) {
  const Napi::Value value = options.Get(name);
  if (value.IsUndefined()) return std::nullopt;
  bool lossless = false;
  return value.As<Napi::BigInt>().Int64Value(&lossless);
}

Napi::Object to_js(Napi::Env env, const EngineSnapshot& snapshot) {
  Napi::Object status = Napi::Object::New(env);
  status["state"] = to_js(env, kStateNames[static_cast<std::size_t>(snapshot.state)]);
  status["backend"] = snapshot.backend.empty() ? env.Null() : Napi::Value(to_js(env, snapshot.backend));
  Napi::Array interfaces = Napi::Array::New(env, snapshot.interfaces.size());
  for (std::uint32_t index = 0; index < snapshot.interfaces.size(); ++index) {
    const InterfaceInfo& info = snapshot.interfaces[index];
    Napi::Object interface = Napi::Object::New(env);
    interface["name"] = to_js(env, info.name);
    interface["link_type"] = to_js(env, link_type_name(info.link_type));
    interface["snaplen"] = Napi::Number::New(env, info.snaplen);
    interfaces[index] = interface;
  }
  status["interfaces"] = interfaces;
  Napi::Array failures = Napi::Array::New(env, snapshot.failures.size());
  for (std::uint32_t index = 0; index < snapshot.failures.size(); ++index) {
    Napi::Object failure = Napi::Object::New(env);
    failure["code"] = to_js(env, snapshot.failures[index].code);
    failure["message"] = to_js(env, snapshot.failures[index].message);
    failures[index] = failure;
  }
  status["failures"] = failures;
  const bool known = snapshot.progress >= 0;
  status["progress"] = known ? Napi::Value(Napi::Number::New(env, snapshot.progress)) : env.Null();
  return status;
}

Napi::Object to_js(Napi::Env env, const PipelineCounters& counters) {
  const auto numbers = std::to_array<std::pair<const char*, std::uint64_t>>({
      {"offered_packets", counters.capture.offered},
      {"packets_in_ring", counters.packets_in_ring},
      {"captured_packets", counters.captured_packets},
      {"captured_bytes", counters.captured_bytes},
      {"dropped_kernel_packets", counters.capture.dropped_kernel},
      {"dropped_interface_packets", counters.capture.dropped_interface},
      {"ring_freezes", counters.capture.ring_freezes},
      {"metered_packets", counters.metered_packets},
      {"metered_ip_bytes", counters.metered_ip_bytes},
      {"not_sampled_packets", counters.not_sampled},
      {"digests_lost", counters.digests_lost},
      {"outer_packets", counters.outer_packets},
      {"outer_bytes", counters.outer_bytes},
      {"flows_created", counters.flows_created},
      {"flows_live", counters.flows_live},
      {"flows_evicted", counters.flows_evicted},
      {"fragments_learned", counters.fragments_learned},
      {"fragments_resolved", counters.fragments_resolved},
      {"fragments_unresolved", counters.fragments_unresolved},
      {"fragments_replaced", counters.fragments_replaced},
      {"fragments_conflicting", counters.fragments_conflicting},
      {"records", counters.records},
      {"records_dropped", counters.records_dropped},
      {"interval_reports_dropped", counters.interval_reports_dropped},
      {"paths_refused", counters.paths_refused},
      {"application_strings_refused", counters.application_strings_refused},
      {"application_strings_cut", counters.application_strings_cut},
      {"classifications", counters.classifications},
      {"classifications_refused", counters.classifications_refused},
      {"packets_recorded", counters.packets_recorded},
      {"bytes_recorded", counters.bytes_recorded},
      {"packets_buffered", counters.packets_buffered},
      {"packets_lost_to_disk", counters.packets_lost_to_disk},
      {"packets_not_recorded", counters.packets_not_recorded},
      {"segments_completed", counters.segments_completed},
      {"segments_evicted", counters.segments_evicted},
  });
  Napi::Object object = Napi::Object::New(env);
  for (const auto& [name, count] : numbers) object[name] = to_js(env, count);
  object["refused_packets"] = refused_to_js(env, counters);
  object["unfollowed_packets"] = named_to_js(env, kDecodeStatusNames, counters.unfollowed);
  object["records_by_reason"] = named_to_js(env, kEndReasonNames, counters.records_by_reason);
  object["application_gave_up"] = named_to_js(env, kGiveUpNames, counters.application_gave_up);
  object["disk_trouble"] = to_js(env, counters.disk_trouble);
  return object;
}

Napi::Object to_js(Napi::Env env, const ConversationCounts& counts) {
  Napi::Object object = Napi::Object::New(env);
  object["tcp"] = to_js(env, counts.tcp);
  object["udp"] = to_js(env, counts.udp);
  object["sctp"] = to_js(env, counts.sctp);
  return object;
}

}  // namespace wireglass
