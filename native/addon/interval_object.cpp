#include "addon/interval_object.hpp"

#include <string>

#include "addon/convert.hpp"

namespace wireglass {

namespace {

/// Only what occurred, by the name that `name_of(index)` gives.
template <class Counts, class NameOf>
Napi::Object counts_to_js(Napi::Env env, const Counts& counts, NameOf name_of) {
  Napi::Object object = Napi::Object::New(env);
  for (std::size_t index = 0; index < counts.size(); ++index) {
    if (counts[index].packets == 0) continue;
    Napi::Object count = Napi::Object::New(env);
    count["packets"] = to_js(env, counts[index].packets);
    count["bytes"] = to_js(env, counts[index].bytes);
    object.Set(std::string(name_of(index)), count);
  }
  return object;
}

Napi::Object refused_to_js(Napi::Env env, const InterfaceCounts& counts) {
  Napi::Object object = Napi::Object::New(env);
  for (std::size_t status = 0; status < counts.refused.size(); ++status) {
    if (counts.refused[status] == 0) continue;
    object.Set(std::string(kDecodeStatusNames[status]), to_js(env, counts.refused[status]));
  }
  return object;
}

Napi::Object interface_to_js(Napi::Env env, std::size_t place, const InterfaceCounts& counts) {
  Napi::Object object = Napi::Object::New(env);
  object["interface"] = place == IntervalSample::kOtherInterfaces
                            ? env.Null()
                            : Napi::Value(to_js(env, static_cast<std::uint64_t>(place)));
  object["captured_packets"] = to_js(env, counts.captured.packets);
  object["captured_bytes"] = to_js(env, counts.captured.bytes);
  object["metered_packets"] = to_js(env, counts.metered.packets);
  object["metered_ip_bytes"] = to_js(env, counts.metered.bytes);
  object["flows_started"] = to_js(env, counts.flows_started);
  object["flows_ended"] = to_js(env, counts.flows_ended);
  object["refused_packets"] = refused_to_js(env, counts);
  object["protocol"] = counts_to_js(env, counts.protocol, [](std::size_t protocol) {
    return ip_protocol_name(static_cast<std::uint8_t>(protocol));
  });
  object["overlay"] = counts_to_js(env, counts.overlay, [](std::size_t kind) { return kOverlayNames[kind]; });
  object["ip_version"] =
      counts_to_js(env, counts.ip_version, [](std::size_t place_of) { return place_of == 0 ? "4" : "6"; });
  object["dscp"] = counts_to_js(env, counts.dscp, [](std::size_t dscp) { return std::to_string(dscp); });
  object["size"] = counts_to_js(env, counts.size, [](std::size_t kind) { return kSizeClassNames[kind]; });
  object["tcp_flags"] =
      counts_to_js(env, counts.tcp_flags, [](std::size_t kind) { return kTcpFlagKindNames[kind]; });
  return object;
}

Napi::Object top_to_js(Napi::Env env, const TopList& list) {
  Napi::Array items = Napi::Array::New(env, list.items.size());
  for (std::uint32_t place = 0; place < list.items.size(); ++place) {
    const TopItem& item = list.items[place];
    Napi::Object object = Napi::Object::New(env);
    object["value"] = to_js(env, item.value);
    if (!item.peer.empty()) object["peer"] = to_js(env, item.peer);
    object["bytes"] = to_js(env, item.bytes);
    object["error"] = to_js(env, item.error);
    object["packets"] = to_js(env, item.packets);
    items[place] = object;
  }
  Napi::Object object = Napi::Object::New(env);
  object["items"] = items;
  object["others_at_most"] = to_js(env, list.others_at_most);
  return object;
}

}  // namespace

Napi::Object to_js(Napi::Env env, const IntervalReport& report) {
  Napi::Object object = Napi::Object::New(env);
  object["start_ns"] = to_js(env, std::to_string(report.start_ns));
  object["interval_ms"] = Napi::Number::New(env, static_cast<double>(report.interval_ns / kMillisecondNs));
  object["correction"] = Napi::Boolean::New(env, report.is_correction);
  Napi::Array interfaces = Napi::Array::New(env, report.interfaces.size());
  for (std::uint32_t place = 0; place < report.interfaces.size(); ++place) {
    interfaces[place] = interface_to_js(env, place, report.interfaces[place]);
  }
  object["interfaces"] = interfaces;
  Napi::Object top = Napi::Object::New(env);
  for (const TopList& list : report.top) top.Set(std::string(list.dimension), top_to_js(env, list));
  object["top"] = top;
  return object;
}

}  // namespace wireglass
