#include "traffic/generator.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "traffic/presets.hpp"
#include "traffic/random.hpp"

namespace wireglass {
namespace {

/// FNV-1a over time, lengths and bytes of all packets.
std::uint64_t fingerprint(const TrafficProfile& profile) {
  auto generator = make_generator(profile);
  EXPECT_TRUE(generator.ok());
  std::uint64_t hash = 0xcbf29ce484222325U;
  const auto take = [&hash](std::uint64_t value) { hash = (hash ^ value) * 0x100000001b3U; };
  PacketView packet;
  while (generator.value()->next(packet)) {
    take(static_cast<std::uint64_t>(packet.timestamp_ns));
    take(packet.original_length);
    for (const std::byte byte : packet.bytes()) take(std::to_integer<std::uint64_t>(byte));
  }
  return hash;
}

class EveryProfile : public ::testing::TestWithParam<TrafficProfile::Kind> {
 protected:
  TrafficProfile profile() const {
    TrafficProfile profile;
    profile.kind = GetParam();
    profile.packets = 5'000;
    profile.flows = 500;
    profile.ipv6_percent = 10;
    return profile;
  }
};
INSTANTIATE_TEST_SUITE_P(Kinds, EveryProfile,
                         ::testing::Values(TrafficProfile::Kind::kOrdinary, TrafficProfile::Kind::kLispAi,
                                           TrafficProfile::Kind::kDemo));

TEST_P(EveryProfile, SameSeedMakesTheSameBytes) { EXPECT_EQ(fingerprint(profile()), fingerprint(profile())); }

TEST_P(EveryProfile, AnotherSeedMakesOtherBytes) {
  TrafficProfile other = profile();
  other.seed = 2;
  EXPECT_NE(fingerprint(profile()), fingerprint(other));
}

TEST_P(EveryProfile, EndsAfterThePacketsAskedFor) {
  auto generator = make_generator(profile());
  ASSERT_TRUE(generator.ok());
  PacketView packet;
  std::uint64_t count = 0;
  while (generator.value()->next(packet)) ++count;
  EXPECT_EQ(count, 5'000U);
  EXPECT_EQ(generator.value()->ledger().packets, 5'000U);
  EXPECT_FALSE(generator.value()->next(packet));
}

struct BadProfile {
  const char* name;
  std::function<void(TrafficProfile&)> spoil;
};

TEST(TrafficProfileCheck, NamesWhatIsWrong) {
  const BadProfile table[] = {
      {"packets is 0", [](TrafficProfile& p) { p.packets = 0; }},
      {"packets is 9", [](TrafficProfile& p) { p.packets = 9; }},
      {"packets is 300000000", [](TrafficProfile& p) { p.packets = 300'000'000; }},
      {"flows is 0", [](TrafficProfile& p) { p.flows = 0; }},
      {"flows is 101", [](TrafficProfile& p) { p.flows = 101; }},
      {"flows is 100000000", [](TrafficProfile& p) { p.flows = p.packets = 100'000'000; }},
      {"zipf is -1", [](TrafficProfile& p) { p.zipf = -1; }},
      {"zipf is nan", [](TrafficProfile& p) { p.zipf = std::numeric_limits<double>::quiet_NaN(); }},
      {"sizes is \"huge\"", [](TrafficProfile& p) { p.sizes = "huge"; }},
      {"sizes is \"fixed:\"", [](TrafficProfile& p) { p.sizes = "fixed:"; }},
      {"sizes is \"fixed:63\"", [](TrafficProfile& p) { p.sizes = "fixed:63"; }},
      {"sizes is \"fixed:65536\"", [](TrafficProfile& p) { p.sizes = "fixed:65536"; }},
      {"sizes is \"fixed:100x\"", [](TrafficProfile& p) { p.sizes = "fixed:100x"; }},
      {"ipv6_percent is 101", [](TrafficProfile& p) { p.ipv6_percent = 101; }},
      {"vlan_percent is 101", [](TrafficProfile& p) { p.vlan_percent = 101; }},
      {"tcp_percent + udp_percent is 110", [](TrafficProfile& p) { p.tcp_percent = 92; }},
      {"syn_only is on", [](TrafficProfile& p) { p.syn_only = true; }},
      {"packets_per_second is 0", [](TrafficProfile& p) { p.packets_per_second = 0; }},
      {"snaplen is 13", [](TrafficProfile& p) { p.snaplen = 13; }},
      {"start_ns is -1", [](TrafficProfile& p) { p.start_ns = -1; }},
  };
  for (const BadProfile& bad : table) {
    TrafficProfile profile;
    bad.spoil(profile);
    const auto made = make_generator(profile);
    ASSERT_FALSE(made.ok()) << bad.name;
    EXPECT_EQ(made.error().code, "bad_traffic_profile");
    EXPECT_EQ(made.error().message.rfind(bad.name, 0), 0U) << made.error().message;
    EXPECT_NE(made.error().message.find("expected"), std::string::npos);
  }
}

TEST(TrafficPresets, HaveTheTotalsTheyPromise) {
  struct Total {
    const char* name;
    std::uint64_t packets;
    std::uint64_t biflows;
    double mean_frame_bytes;
  };
  // A hundredth of each, in packets and flows, keeps its shape.
  for (const Total& total : {Total{"a", 100'000, 5'000, 317}, Total{"b", 100'000, 500, 64},
                             Total{"c", 30'000, 1'000, 325}, Total{"d", 100'000, 50'000, 64}}) {
    const TrafficPreset* preset = find_preset(total.name);
    ASSERT_NE(preset, nullptr);
    TrafficProfile profile = preset->profile;
    ASSERT_TRUE(check_profile(profile).ok());
    EXPECT_EQ(profile.packets, total.packets * 100);
    EXPECT_EQ(profile.flows, total.biflows * (profile.bidirectional ? 200 : 100));
    profile.packets /= 100;
    profile.flows /= 100;
    auto generator = make_generator(profile);
    ASSERT_TRUE(generator.ok());
    PacketView packet;
    while (generator.value()->next(packet)) continue;
    const TrafficLedger& ledger = generator.value()->ledger();
    EXPECT_EQ(ledger.packets, total.packets) << total.name;
    EXPECT_EQ(ledger.biflows, total.biflows) << total.name;
    EXPECT_NEAR(static_cast<double>(ledger.bytes) / total.packets, total.mean_frame_bytes,
                total.mean_frame_bytes * 0.04)
        << total.name;
  }
  EXPECT_EQ(find_preset("e"), nullptr);
}

TEST(TrafficLedger, IsOneJsonObject) {
  TrafficLedger ledger;
  ledger.packets = 3;
  const std::string json = ledger.to_json();
  EXPECT_EQ(json.rfind("{\"packets\":3,\"bytes\":0,", 0), 0U);
  EXPECT_EQ(json.back(), '}');
  EXPECT_EQ(json.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace wireglass
