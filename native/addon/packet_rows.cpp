#include "addon/packet_rows.hpp"

#include <optional>
#include <string_view>
#include <type_traits>

#include "addon/convert.hpp"

namespace wireglass {

namespace {

template <class Value>
Napi::Value or_null(Napi::Env env, const std::optional<Value>& value) {
  if (!value) return env.Null();
  if constexpr (std::is_same_v<Value, IpAddress>) {
    return to_js(env, value->to_string());
  } else if constexpr (std::is_same_v<Value, std::string_view>) {
    return to_js(env, *value);
  } else {
    return to_js(env, static_cast<std::uint64_t>(*value));
  }
}

}  // namespace

void add_summary(Napi::Object& row, const PacketSummary& summary) {
  const Napi::Env env = row.Env();
  row["protocol"] = to_js(env, summary.protocol);
  row["src_addr"] = or_null(env, summary.src_addr);
  row["dst_addr"] = or_null(env, summary.dst_addr);
  row["src_port"] = or_null(env, summary.src_port);
  row["dst_port"] = or_null(env, summary.dst_port);
  row["vlan_id"] = or_null(env, summary.vlan_id);
  row["overlay"] = or_null(env, summary.overlay);
  row["tenant_id"] = or_null(env, summary.tenant_id);
  row["outer_src_addr"] = or_null(env, summary.outer_src_addr);
  row["outer_dst_addr"] = or_null(env, summary.outer_dst_addr);
  row["decode_status"] = to_js(env, summary.decode_status);
}

Napi::Object file_row_to_js(Napi::Env env, const PacketSummary& summary) {
  Napi::Object row = Napi::Object::New(env);
  add_summary(row, summary);
  row["ip_protocol"] = or_null(env, summary.ip_protocol);
  return row;
}

}  // namespace wireglass
