#include "traffic/traffic_options.hpp"

#include <gtest/gtest.h>

#include "traffic/presets.hpp"

namespace wireglass {
namespace {

Result<TrafficOptions> parse(const std::vector<std::string_view>& arguments) {
  return parse_traffic_options(arguments);
}

TEST(TrafficOptionsParser, TakesEveryOption) {
  const auto parsed = parse({"--profile", "ordinary", "--packets=5000",
                             "--flows",   "300",      "--seed",
                             "9",         "--zipf",   "0.8",
                             "--sizes",   "large",    "--ipv6",
                             "20",        "--tcp",    "50",
                             "--udp",     "30",       "--vlan",
                             "10",        "--rate",   "1000",
                             "--snaplen", "128",      "--unidirectional",
                             "--start",   "5",        "-o",
                             "x.pcap"});
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  const TrafficProfile& profile = parsed.value().profile;
  EXPECT_EQ(profile.packets, 5'000U);
  EXPECT_EQ(profile.flows, 300U);
  EXPECT_EQ(profile.seed, 9U);
  EXPECT_EQ(profile.zipf, 0.8);
  EXPECT_EQ(profile.sizes, "large");
  EXPECT_EQ(profile.ipv6_percent, 20U);
  EXPECT_EQ(profile.tcp_percent, 50U);
  EXPECT_EQ(profile.udp_percent, 30U);
  EXPECT_EQ(profile.vlan_percent, 10U);
  EXPECT_EQ(profile.packets_per_second, 1'000U);
  EXPECT_EQ(profile.snaplen, 128U);
  EXPECT_FALSE(profile.bidirectional);
  EXPECT_EQ(profile.start_ns, 5 * kSecondNs);
  EXPECT_EQ(parsed.value().output, "x.pcap");
}

TEST(TrafficOptionsParser, PresetHoldsThePlaceOfTheDefaults) {
  const auto parsed = parse({"--seed", "7", "--preset", "a", "-o", "-"});
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed.value().profile.seed, 7U);
  EXPECT_EQ(parsed.value().profile.packets, 10'000'000U);
  EXPECT_EQ(parsed.value().profile.snaplen, 96U);
}

TEST(TrafficOptionsParser, SaysWhatIsWrong) {
  const struct {
    std::vector<std::string_view> arguments;
    const char* message;
  } table[] = {
      {{}, "--output FILE is missing"},
      {{"--bogus"}, "unknown option \"--bogus\""},
      {{"file.pcap"}, "unknown option \"file.pcap\""},
      {{"--packets"}, "--packets needs a value"},
      {{"--packets", "abc", "-o", "x"}, "--packets is \"abc\"; expected a whole number"},
      {{"--packets", "-1", "-o", "x"}, "--packets is \"-1\""},
      {{"--packets", "99999999999999999999", "-o", "x"}, "--packets is \"99999999999999999999\""},
      {{"--zipf", "1.1x", "-o", "x"}, "--zipf is \"1.1x\""},
      {{"--preset", "z", "-o", "x"}, "--preset is \"z\"; expected a, b, c or d"},
      {{"--profile", "z", "-o", "x"}, "--profile is \"z\"; expected ordinary, lisp_ai, demo or tunnels"},
      {{"--syn-only=1", "-o", "x"}, "--syn-only takes no value"},
      {{"--output", ""}, "--output is \"\""},
      {{"--flows", "7", "-o", "x"}, "flows is 7; expected an even number"},
      {{"--profile", "demo", "--packets", "0", "-o", "x"}, "--packets 0 (endless)"},
  };
  for (const auto& row : table) {
    const auto parsed = parse(row.arguments);
    ASSERT_FALSE(parsed.ok()) << row.message;
    EXPECT_EQ(parsed.error().message.rfind(row.message, 0), 0U) << parsed.error().message;
  }
}

TEST(TrafficOptionsParser, HelpNeedsNothingElseAndNamesEveryPreset) {
  const auto parsed = parse({"-h"});
  ASSERT_TRUE(parsed.ok());
  EXPECT_TRUE(parsed.value().help);
  const std::string help = traffic_help();
  for (const TrafficPreset& preset : traffic_presets()) {
    EXPECT_NE(help.find(preset.meaning), std::string::npos);
  }
}

}  // namespace
}  // namespace wireglass
