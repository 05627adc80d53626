#include "traffic/generator.hpp"

#include <cmath>
#include <utility>

#include "traffic/ordinary.hpp"
#include "traffic/scripted_generator.hpp"
#include "traffic/tunnels.hpp"

namespace wireglass {
namespace {

constexpr std::uint64_t kMaxPacketsPerSecond = 1'000'000'000;
constexpr std::uint32_t kMinSnaplen = 14;
constexpr std::uint32_t kMaxSnaplen = 262'144;
constexpr double kMaxZipf = 8;

Error bad(const std::string& name, const std::string& value, const std::string& expected) {
  return {"bad_traffic_profile", name + " is " + value + "; expected " + expected};
}

Error bad(const std::string& name, std::uint64_t value, const std::string& expected) {
  return bad(name, std::to_string(value), expected);
}

Result<void> check_common(const TrafficProfile& profile) {
  if (profile.packets_per_second < 1 || profile.packets_per_second > kMaxPacketsPerSecond) {
    return bad("packets_per_second", profile.packets_per_second, "1 to 1000000000");
  }
  if (profile.snaplen < kMinSnaplen || profile.snaplen > kMaxSnaplen) {
    return bad("snaplen", profile.snaplen, "14 to 262144");
  }
  if (profile.start_ns < 0) return bad("start_ns", std::to_string(profile.start_ns), "a time since 1970");
  return {};
}

Result<void> check_shares(const TrafficProfile& profile) {
  const struct {
    const char* name;
    std::uint32_t percent;
  } shares[] = {{"ipv6_percent", profile.ipv6_percent},
                {"vlan_percent", profile.vlan_percent},
                {"tcp_percent", profile.tcp_percent},
                {"udp_percent", profile.udp_percent}};
  for (const auto& share : shares) {
    if (share.percent > 100) return bad(share.name, share.percent, "0 to 100");
  }
  if (profile.tcp_percent + profile.udp_percent > 100) {
    return bad("tcp_percent + udp_percent", profile.tcp_percent + profile.udp_percent, "at most 100");
  }
  return {};
}

Result<void> check_ordinary(const TrafficProfile& profile) {
  const std::uint64_t per_connection = profile.bidirectional ? 2 : 1;
  if (profile.packets == 0)
    return bad("packets", "0 (endless)", "a number: only lisp_ai and demo run endlessly");
  if (profile.packets > OrdinaryGenerator::kMaxPackets) {
    return bad("packets", profile.packets, "at most " + std::to_string(OrdinaryGenerator::kMaxPackets));
  }
  if (profile.flows == 0 || profile.flows % per_connection != 0) {
    return bad(
        "flows", profile.flows,
        profile.bidirectional ? "an even number above 0: a connection is two flows" : "a number above 0");
  }
  if (profile.flows / per_connection > OrdinaryGenerator::kMaxConnections) {
    return bad("flows", profile.flows,
               "at most " + std::to_string(OrdinaryGenerator::kMaxConnections * per_connection));
  }
  if (profile.packets < profile.flows) {
    return bad("packets", profile.packets,
               "at least one for each of the " + std::to_string(profile.flows) + " flows");
  }
  if (!std::isfinite(profile.zipf) || profile.zipf < 0 || profile.zipf > kMaxZipf) {
    return bad("zipf", std::to_string(profile.zipf), "0 to 8");
  }
  if (const auto sizes = FrameSizes::parse(profile.sizes); !sizes.ok()) return sizes.error();
  if (profile.syn_only && profile.bidirectional) {
    return bad("syn_only", "on", "bidirectional off with it: a bare SYN has no answer");
  }
  return check_shares(profile);
}

}  // namespace

Result<void> check_profile(const TrafficProfile& profile) {
  if (auto common = check_common(profile); !common.ok()) return common;
  const bool is_tunnels = profile.kind == TrafficProfile::Kind::kTunnels;
  if (is_tunnels && profile.vlan_percent != 0) return bad("vlan_percent", profile.vlan_percent, "0");
  return is_tunnels || profile.kind == TrafficProfile::Kind::kOrdinary ? check_ordinary(profile)
                                                                       : Result<void>{};
}

Result<std::unique_ptr<TrafficGenerator>> make_generator(const TrafficProfile& profile) {
  if (const auto checked = check_profile(profile); !checked.ok()) return checked.error();
  using Kind = TrafficProfile::Kind;
  std::unique_ptr<TrafficGenerator> generator;
  if (profile.kind != Kind::kOrdinary && profile.kind != Kind::kTunnels) {
    generator = make_scripted_generator(profile);
    return generator;
  }
  const auto sizes = FrameSizes::parse(profile.sizes);
  TrafficProfile whole = profile;
  if (profile.kind == Kind::kTunnels) whole.snaplen = kMaxSnaplen;
  generator = std::make_unique<OrdinaryGenerator>(whole, sizes.value());
  if (profile.kind == Kind::kTunnels) {
    generator = std::make_unique<TunnelGenerator>(profile, std::move(generator));
  }
  return generator;
}

}  // namespace wireglass
