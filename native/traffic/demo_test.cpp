#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "traffic/scripted_generator.hpp"
#include "traffic/testing/frame_checker.hpp"
#include "traffic/testing/tshark.hpp"

namespace wireglass {
namespace {

using testing::CheckedFrame;
using testing::FrameChecker;
using testing::Recount;
using testing::TemporaryPcap;

TrafficProfile demo_profile(std::uint64_t packets) {
  TrafficProfile profile;
  profile.kind = TrafficProfile::Kind::kDemo;
  profile.packets = packets;
  profile.packets_per_second = 500;
  return profile;
}

TEST(DemoTraffic, LedgerEqualsACountOfTheBytes) {
  const auto generator = make_scripted_generator(demo_profile(40'000));
  Recount counted;
  PacketView packet;
  TimeNs last_ns = -1;
  while (generator->next(packet)) {
    const CheckedFrame frame = FrameChecker::check(packet.bytes());
    ASSERT_EQ(frame.problem, "") << "packet " << generator->ledger().packets;
    ASSERT_GT(packet.timestamp_ns, last_ns);
    ASSERT_GE(packet.original_length, 60U);
    ASSERT_LE(packet.original_length, 1518U);
    last_ns = packet.timestamp_ns;
    counted.add(packet, frame);
  }
  EXPECT_EQ(generator->ledger().to_json(), counted.ledger().to_json());
  EXPECT_EQ(counted.tcp_faults(), 0U);
  EXPECT_GT(generator->ledger().vlan_packets, 0U);
  EXPECT_GT(generator->ledger().lisp_packets, 5'000U);
}

TEST(DemoTraffic, KeepsItsRateAndSomeHundredConversations) {
  constexpr std::uint64_t kSwellSeconds = 300;  // the rate is the mean over a whole swell
  for (const std::uint64_t rate : {500U, 2'000U}) {
    TrafficProfile profile = demo_profile(0);
    profile.packets_per_second = rate;
    const auto generator = make_scripted_generator(profile);
    PacketView packet;
    std::size_t most = 0;
    const std::uint64_t packets = rate * kSwellSeconds;
    for (std::uint64_t count = 0; count < packets; ++count) {
      ASSERT_TRUE(generator->next(packet));
      most = std::max(most, generator->running());
    }
    const double seconds = static_cast<double>(packet.timestamp_ns - profile.start_ns) * 1e-9;
    EXPECT_NEAR(packets / seconds / static_cast<double>(rate), 1.0, 0.1) << rate;
    EXPECT_GT(most, 200U);
    EXPECT_LT(most, ScriptedGenerator::kMaxConversations / 2);
  }
}

TEST(DemoTraffic, AShortTraceHasItsRateToo) {
  TrafficProfile profile = demo_profile(300'000);
  profile.packets_per_second = 100'000;
  const auto generator = make_scripted_generator(profile);
  PacketView packet;
  while (generator->next(packet)) continue;
  const double seconds = static_cast<double>(packet.timestamp_ns - profile.start_ns) * 1e-9;
  EXPECT_NEAR(seconds, 3.0, 0.3);
}

TEST(DemoTraffic, AVerySlowRateStillMoves) {
  TrafficProfile profile = demo_profile(50);
  profile.packets_per_second = 1;
  const auto generator = make_scripted_generator(profile);
  PacketView packet;
  while (generator->next(packet)) continue;
  EXPECT_GT(packet.timestamp_ns, profile.start_ns);
  EXPECT_LT(packet.timestamp_ns, profile.start_ns + 200 * kSecondNs);
}

// Each service is what its port says, whole streams decode, and nothing of it is damaged. LISP stays out: its
// tenants share inner 5-tuples, which tshark would join.
TEST(DemoTraffic, TsharkDecodesTheOffice) {
  if (!testing::have_tshark()) GTEST_SKIP() << "tshark is not installed";
  const auto generator = make_scripted_generator(demo_profile(12'000));
  TemporaryPcap pcap;
  PacketView packet;
  std::size_t kept = 0;
  while (generator->next(packet)) {
    if (FrameChecker::check(packet.bytes()).lisp) continue;
    pcap.add(packet);
    ++kept;
  }
  const auto rows = pcap.read({"frame.protocols", "_ws.malformed", "tcp.analysis.flags", "_ws.col.Info"}, "");
  ASSERT_FALSE(pcap.failed());
  EXPECT_EQ(rows.size(), kept);
  std::string protocols;
  for (const auto& row : rows) {
    protocols += row[0] + ":";
    EXPECT_EQ(row[1] + row[2], "") << row[3];
  }
  for (const char* protocol :
       {":dns:", ":tls:", ":ssh:", ":pgsql:", ":http:", ":ntp:", ":icmp:", ":icmpv6:"}) {
    EXPECT_NE(protocols.find(protocol), std::string::npos) << protocol;
  }
}

}  // namespace
}  // namespace wireglass
