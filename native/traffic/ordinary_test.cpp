#include "traffic/ordinary.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "traffic/ordinary_schedule.hpp"
#include "traffic/presets.hpp"
#include "traffic/testing/frame_checker.hpp"
#include "traffic/testing/tshark.hpp"

namespace wireglass {
namespace {

using testing::CheckedFrame;
using testing::FrameChecker;
using testing::Recount;
using testing::TemporaryPcap;

TrafficProfile small_profile() {
  TrafficProfile profile;
  profile.packets = 20'000;
  profile.flows = 2'000;
  profile.ipv6_percent = 25;
  profile.vlan_percent = 25;
  return profile;
}

std::unique_ptr<TrafficGenerator> generator_of(const TrafficProfile& profile) {
  auto generator = make_generator(profile);
  if (!generator.ok()) {
    ADD_FAILURE() << generator.error().message;
    return nullptr;
  }
  return std::move(generator.value());
}

/// Reads all packets by the second implementation; the ledger counted anew comes back.
Recount recount(TrafficGenerator& generator) {
  Recount counted;
  PacketView packet;
  TimeNs last_ns = -1;
  while (generator.next(packet)) {
    const CheckedFrame frame = FrameChecker::check(packet.bytes());
    EXPECT_EQ(frame.problem, "") << "packet " << generator.ledger().packets;
    if (!frame.problem.empty()) break;
    EXPECT_GT(packet.timestamp_ns, last_ns);
    last_ns = packet.timestamp_ns;
    counted.add(packet, frame);
  }
  return counted;
}

TEST(OrdinaryTraffic, LedgerEqualsACountOfTheBytes) {
  for (const char* sizes : {"small", "imix", "large", "fixed:777"}) {
    TrafficProfile profile = small_profile();
    profile.sizes = sizes;
    const auto generator = generator_of(profile);
    const Recount counted = recount(*generator);
    EXPECT_EQ(generator->ledger().to_json(), counted.ledger().to_json()) << sizes;
    EXPECT_EQ(generator->ledger().packets, profile.packets);
    EXPECT_EQ(generator->ledger().biflows, profile.flows / 2);
    EXPECT_GT(generator->ledger().vlan_packets, 0U);
    EXPECT_GT(generator->ledger().icmp_packets, 0U);
    EXPECT_EQ(counted.tcp_faults(), 0U) << sizes;
  }
}

TEST(OrdinaryTraffic, FloodRepeatsItsSynsAndSaysSo) {
  TrafficProfile profile = find_preset("d")->profile;
  profile.packets = 4'000;
  profile.flows = 2'000;
  const auto generator = generator_of(profile);
  const Recount counted = recount(*generator);
  EXPECT_EQ(generator->ledger().to_json(), counted.ledger().to_json());
  EXPECT_EQ(generator->ledger().biflows, 2'000U);
  EXPECT_EQ(generator->ledger().tcp_retransmissions, 2'000U);
}

TEST(OrdinaryTraffic, OneDirectionMakesAsManyFlowsAsAsked) {
  TrafficProfile profile = small_profile();
  profile.bidirectional = false;
  profile.flows = 1'001;
  const auto generator = generator_of(profile);
  const Recount counted = recount(*generator);
  EXPECT_EQ(generator->ledger().to_json(), counted.ledger().to_json());
  EXPECT_EQ(generator->ledger().biflows, 1'001U);
}

TEST(OrdinaryTraffic, AllLiveOpensEveryConnectionFirstAndEndsNone) {
  TrafficProfile profile = small_profile();
  profile.all_live = true;
  const auto generator = generator_of(profile);
  PacketView packet;
  std::uint64_t ends = 0;
  for (std::uint64_t made = 1; generator->next(packet); ++made) {
    ASSERT_EQ(generator->ledger().biflows, std::min(made, profile.flows / 2));
    const CheckedFrame frame = FrameChecker::check(packet.bytes());
    ASSERT_EQ(frame.problem, "");
    ends += (frame.innermost().tcp_flags & 0x05) != 0 ? 1 : 0;  // FIN or RST
  }
  EXPECT_EQ(generator->ledger().packets, profile.packets);
  EXPECT_EQ(ends, 0U);
}

TEST(OrdinaryTraffic, SnaplenCutsCapturedBytesOnly) {
  TrafficProfile cut = small_profile();
  cut.snaplen = 70;
  const auto whole = generator_of(small_profile());
  const auto shortened = generator_of(cut);
  PacketView full;
  PacketView part;
  while (whole->next(full)) {
    ASSERT_TRUE(shortened->next(part));
    ASSERT_EQ(part.original_length, full.original_length);
    ASSERT_EQ(part.captured_length, std::min(full.captured_length, 70U));
    ASSERT_TRUE(std::equal(part.data, part.data + part.captured_length, full.data));
  }
}

TEST(OrdinaryTraffic, TimeIsEvenlySpacedByTheRate) {
  TrafficProfile profile = small_profile();
  profile.packets_per_second = 3;
  const auto generator = generator_of(profile);
  PacketView packet;
  for (const TimeNs expected : {0L, 333'333'333L, 666'666'666L, 1'000'000'000L, 1'333'333'333L}) {
    ASSERT_TRUE(generator->next(packet));
    EXPECT_EQ(packet.timestamp_ns - profile.start_ns, expected);
  }
}

TEST(OrdinarySchedule, SizesAddUpAndFollowTheLaw) {
  const auto sizes = connection_sizes(1'000'000, 50'000, 2, 1.1);
  std::uint64_t total = 0;
  for (const std::uint32_t size : sizes) total += size;
  EXPECT_EQ(total, 1'000'000U);
  EXPECT_TRUE(std::is_sorted(sizes.rbegin(), sizes.rend()));
  EXPECT_EQ(sizes.back(), 3U);  // the last rank's share is 1.1 packets above the least of 2
  // Of the law itself: sizes at ranks 0 and 97 differ by (100 / 3)^1.1.
  EXPECT_NEAR(static_cast<double>(sizes[0] - 2) / (sizes[97] - 2), 47.36, 0.3);
  EXPECT_EQ(connection_sizes(10, 4, 1, 0), (std::vector<std::uint32_t>{3, 3, 2, 2}));
}

TEST(OrdinarySchedule, EveryConnectionHasItsPackets) {
  const std::vector<std::uint32_t> sizes = {5, 3, 1, 1};
  auto order = packet_order(sizes, 10, 7);
  std::sort(order.begin(), order.end());
  EXPECT_EQ(order, (std::vector<std::uint32_t>{0, 0, 0, 0, 0, 1, 1, 1, 2, 3}));
}

// tshark is the judge that did not learn from this code.
TEST(OrdinaryTraffic, TsharkFindsRightChecksumsAndCleanTcp) {
  if (!testing::have_tshark()) GTEST_SKIP() << "tshark is not installed";
  TrafficProfile profile = small_profile();
  profile.packets = 4'000;
  profile.flows = 400;
  const auto generator = generator_of(profile);
  TemporaryPcap pcap;
  PacketView packet;
  while (generator->next(packet)) pcap.add(packet);
  const auto rows =
      pcap.read({"ip.checksum.status", "tcp.checksum.status", "udp.checksum.status", "icmp.checksum.status",
                 "icmpv6.checksum.status", "tcp.analysis.retransmission", "tcp.analysis.lost_segment",
                 "tcp.analysis.out_of_order", "tcp.analysis.ack_lost_segment"},
                "-o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE "
                "-o tcp.desegment_tcp_streams:FALSE");
  ASSERT_FALSE(pcap.failed());
  ASSERT_EQ(rows.size(), 4'000U);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t status = 0; status < 5; ++status) {
      EXPECT_TRUE(rows[row][status].empty() || rows[row][status] == "1")
          << "packet " << row + 1 << " field " << status;
    }
    EXPECT_TRUE(rows[row][1] == "1" || rows[row][2] == "1" || rows[row][3] == "1" || rows[row][4] == "1");
    for (std::size_t fault = 5; fault < 9; ++fault) {
      EXPECT_TRUE(rows[row][fault].empty()) << "packet " << row + 1 << " field " << fault;
    }
  }
}

}  // namespace
}  // namespace wireglass
