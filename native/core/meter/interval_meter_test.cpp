#include "meter/interval_meter.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <vector>

#include "meter/testing/digests.hpp"
#include "meter/testing/interval_flows.hpp"

namespace wireglass {
namespace {

using testing::FlowsWithIntervals;
using testing::kStart;
using Tracked = std::map<std::uint64_t, Exchange>;

/// Sums of samples, or of packets, by interval and interface.
using Sums = std::map<std::pair<TimeNs, std::size_t>, InterfaceCounts>;

void expect_equal(const std::array<TrafficCount, 256>& left, const std::array<TrafficCount, 256>& right) {
  EXPECT_EQ(left, right);
}

void expect_equal(const Sums& samples, const Sums& packets) {
  ASSERT_EQ(samples.size(), packets.size());
  for (const auto& [where, expected] : packets) {
    SCOPED_TRACE(::testing::Message()
                 << "interval " << where.first - kStart << " ns, interface " << where.second);
    ASSERT_TRUE(samples.contains(where));
    const InterfaceCounts& found = samples.at(where);
    EXPECT_EQ(found.captured, expected.captured);
    EXPECT_EQ(found.metered, expected.metered);
    EXPECT_EQ(found.flows_started, expected.flows_started);
    EXPECT_EQ(found.refused, expected.refused);
    expect_equal(found.protocol, expected.protocol);
    EXPECT_EQ(found.overlay, expected.overlay);
    EXPECT_EQ(found.ip_version, expected.ip_version);
    EXPECT_EQ(found.dscp, expected.dscp);
    EXPECT_EQ(found.size, expected.size);
    EXPECT_EQ(found.tcp_flags, expected.tcp_flags);
  }
}

struct Shape {
  const char* name;
  IntervalConfig config;
  std::uint32_t flows = 50;
  TimeNs gap_ns = 10 * kMillisecondNs;  ///< mean between packets
  std::uint32_t interfaces = 1;
  double late_chance = 0;
  TimeNs late_ns = 0;  ///< at most
  double step_chance = 0;
  double close_chance = 0;
  std::uint32_t step_every = 8;
  std::uint32_t step_limit = 16;
};

IntervalConfig small_config(TimeNs interval_ns = kSecondNs, std::uint32_t active_flows = 64) {
  IntervalConfig config;
  config.interval_ns = interval_ns;
  config.top_capacity = 16;
  config.max_active_flows = active_flows;
  return config;
}

class IntervalMeterProperty : public ::testing::TestWithParam<Shape> {
 protected:
  struct Packet {
    PacketDigest digest;
    std::uint32_t wire_bytes = 0;
  };

  PacketDigest random_digest(TimeNs now) {
    const Shape& shape = GetParam();
    const auto flow = static_cast<std::uint32_t>(up_to(shape.flows - 1));
    PacketDigest digest = testing::digest_of({.at_ns = now - kStart,
                                              .flow = flow,
                                              .from_b = chance(0.4),
                                              .tcp_flags = static_cast<std::uint8_t>(up_to(255)),
                                              .ip_bytes = static_cast<std::uint32_t>(up_to(9'000))});
    digest.key.protocol = static_cast<std::uint8_t>(flow % 7 == 0 ? 17 : 6);
    digest.key.overlay = static_cast<Overlay>(flow % 3);
    digest.key.tenant_id = flow % 5;
    if (flow % 4 == 0) digest.key.addr_a = {0x2001'0db8'0000'0000, flow};
    digest.dscp = static_cast<std::uint8_t>(up_to(63));
    digest.interface_id = static_cast<std::uint16_t>(up_to(shape.interfaces - 1));
    return digest;
  }

  bool chance(double probability) {
    return std::uniform_real_distribution<double>(0, 1)(random_) < probability;
  }
  TimeNs up_to(TimeNs limit) { return std::uniform_int_distribution<TimeNs>(0, limit)(random_); }

  void run(std::uint32_t seed, std::size_t packets);
  void count(const PacketDigest& digest, std::uint32_t wire_bytes);

  std::mt19937_64 random_;
  Sums from_samples_;
  Sums from_packets_;
  std::map<TimeNs, std::uint64_t> top_bytes_;  ///< by interval, as the sketches of the samples sum them up
  std::size_t samples_ = 0;
  std::uint64_t flows_ended_ = 0;
};

void IntervalMeterProperty::count(const PacketDigest& digest, std::uint32_t wire_bytes) {
  const TimeNs interval = GetParam().config.interval_ns;
  const TimeNs start = digest.timestamp_ns / interval * interval;
  InterfaceCounts& counts = from_packets_[{start, IntervalSample::interface_place(digest.interface_id)}];
  counts.captured.add(1, wire_bytes);
  counts.add_cell(PacketCells::cell_of(digest), {1, digest.ip_bytes});
  counts.add_key(digest.key, 1, digest.ip_bytes);
}

void IntervalMeterProperty::run(std::uint32_t seed, std::size_t packets) {
  const Shape& shape = GetParam();
  random_.seed(seed);
  FlowsWithIntervals flows(shape.config, [&](const IntervalSample& sample) {
    ++samples_;
    for (std::size_t place = 0; place < sample.interfaces().size(); ++place) {
      const InterfaceCounts& counts = sample.interfaces()[place];
      flows_ended_ += counts.flows_ended;
      if (counts.captured.packets + counts.metered.packets == 0) continue;
      from_samples_[{sample.start_ns(), place}].add(counts);
    }
    EXPECT_EQ(sample.addresses().total_bytes(), 2 * sample.conversations().total_bytes());
    EXPECT_EQ(sample.services().total_bytes(), sample.conversations().total_bytes());
    top_bytes_[sample.start_ns()] += sample.services().total_bytes();
  });
  TimeNs now = kStart;
  for (std::size_t serial = 0; serial < packets; ++serial) {
    now += up_to(2 * shape.gap_ns);
    if (chance(shape.step_chance)) {
      now -= up_to(100 * kSecondNs);
      flows.close_all();
      flows.intervals().finish();
    }
    const TimeNs at = chance(shape.late_chance) ? now - up_to(shape.late_ns) : now;
    const PacketDigest digest = random_digest(at);
    const auto wire_bytes = static_cast<std::uint32_t>(digest.ip_bytes + 14);
    const std::size_t flows_before = flows.size();
    flows.meter(digest, wire_bytes);
    count(digest, wire_bytes);
    const TimeNs start = at / shape.config.interval_ns * shape.config.interval_ns;
    InterfaceCounts& counts = from_packets_[{start, IntervalSample::interface_place(digest.interface_id)}];
    counts.flows_started += flows.size() - flows_before;
    if (chance(0.01)) {
      flows.intervals().count_refused(digest.interface_id, at, DecodeStatus::kMalformed);
      ++counts.refused[static_cast<std::size_t>(DecodeStatus::kMalformed)];
    }
    if (chance(shape.close_chance)) {
      flows.close_record(static_cast<std::uint32_t>(up_to(static_cast<TimeNs>(flows.size()) - 1)),
                         chance(0.5));
    }
    if (serial % shape.step_every == 0) flows.intervals().step(shape.step_limit, now);
    if (serial % 97 == 0) flows.intervals().advance(now);
  }
  flows.close_all();
  flows.intervals().finish();
  EXPECT_EQ(flows_ended_, flows.size());
}

TEST_P(IntervalMeterProperty, SamplesSumUpToEveryPacketByIntervalAndInterface) {
  for (std::uint32_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    from_samples_.clear();
    from_packets_.clear();
    top_bytes_.clear();
    flows_ended_ = 0;
    run(seed, 20'000);
    expect_equal(from_samples_, from_packets_);
    std::map<TimeNs, std::uint64_t> bytes;
    for (const auto& [where, counts] : from_packets_) bytes[where.first] += counts.metered.bytes;
    for (const auto& [start, sum] : bytes) EXPECT_EQ(top_bytes_[start], sum);
  }
}

INSTANTIATE_TEST_SUITE_P(Streams, IntervalMeterProperty,
                         ::testing::Values(Shape{.name = "steady", .config = small_config()},
                                           Shape{.name = "more_flows_than_slots",
                                                 .config = small_config(),
                                                 .flows = 1'000,
                                                 .gap_ns = kMillisecondNs},
                                           Shape{.name = "intervals_outrun_steps",
                                                 .config = small_config(100 * kMillisecondNs, 4'096),
                                                 .flows = 3'000,
                                                 .gap_ns = 80 * kMillisecondNs,
                                                 .step_every = 4'000,
                                                 .step_limit = 1},
                                           Shape{.name = "bursts_then_jumps",
                                                 .config = small_config(kSecondNs, 4'096),
                                                 .flows = 3'000,
                                                 .gap_ns = kMicrosecondNs,
                                                 .step_chance = 0.0005,
                                                 .step_every = 1'000},
                                           Shape{.name = "late_within_lateness",
                                                 .config = small_config(),
                                                 .late_chance = 0.3,
                                                 .late_ns = 400 * kMillisecondNs},
                                           Shape{.name = "late_beyond_all_open_samples",
                                                 .config = small_config(),
                                                 .late_chance = 0.3,
                                                 .late_ns = 40 * kSecondNs},
                                           Shape{.name = "records_close",
                                                 .config = small_config(),
                                                 .late_chance = 0.1,
                                                 .late_ns = 3 * kSecondNs,
                                                 .close_chance = 0.3},
                                           Shape{.name = "several_interfaces",
                                                 .config = small_config(),
                                                 .interfaces = 3,
                                                 .late_chance = 0.1,
                                                 .late_ns = 3 * kSecondNs,
                                                 .close_chance = 0.05},
                                           Shape{.name = "more_interfaces_than_told_apart",
                                                 .config = small_config(),
                                                 .interfaces = 80},
                                           Shape{.name = "time_steps_back",
                                                 .config = small_config(),
                                                 .late_chance = 0.1,
                                                 .late_ns = 10 * kSecondNs,
                                                 .step_chance = 0.002,
                                                 .close_chance = 0.01}),
                         [](const ::testing::TestParamInfo<Shape>& shape) { return shape.param.name; });

/// Samples as they are handed out.
struct Handed {
  TimeNs start_ns;
  std::uint64_t packets;
  std::vector<InterfaceCounts> interfaces;
};

class IntervalMeterTest : public ::testing::Test {
 protected:
  explicit IntervalMeterTest(const IntervalConfig& config = small_config())
      : flows_(config, [this](const IntervalSample& sample) {
          std::uint64_t packets = 0;
          for (const InterfaceCounts& counts : sample.interfaces()) packets += counts.metered.packets;
          handed_.push_back({sample.start_ns() - kStart, packets, sample.interfaces()});
        }) {}

  void packet(TimeNs at_ns, std::uint32_t flow = 0, std::uint16_t interface_id = 0) {
    PacketDigest digest = testing::digest_of({.at_ns = at_ns, .flow = flow});
    digest.interface_id = interface_id;
    flows_.meter(digest, 114);
  }
  void step(TimeNs at_ns) { flows_.intervals().step(1'024, kStart + at_ns); }

  std::vector<Handed> handed_;
  FlowsWithIntervals flows_;
};

TEST_F(IntervalMeterTest, IntervalsAreAlignedAndAPacketOnTheBorderBelongsToTheLaterOne) {
  packet(kSecondNs - 1);
  packet(kSecondNs);
  packet(2 * kSecondNs - 1);
  flows_.close_all();
  flows_.intervals().finish();
  ASSERT_EQ(handed_.size(), 2U);
  EXPECT_EQ(handed_[0].start_ns, 0);
  EXPECT_EQ(handed_[0].packets, 1U);
  EXPECT_EQ(handed_[1].start_ns, kSecondNs);
  EXPECT_EQ(handed_[1].packets, 2U);
}

TEST_F(IntervalMeterTest, TimesBefore1970AreAlignedDownwards) {
  packet(-kStart - 1);
  packet(-kStart);
  flows_.close_all();
  flows_.intervals().finish();
  ASSERT_EQ(handed_.size(), 2U);
  EXPECT_EQ(handed_[0].start_ns + kStart, -kSecondNs);
  EXPECT_EQ(handed_[1].start_ns + kStart, 0);
}

TEST_F(IntervalMeterTest, ASampleWaitsForItsLatenessAndIsThenHandedOutOnce) {
  packet(100);
  packet(kSecondNs + 100);
  step(kSecondNs + 499 * kMillisecondNs);
  EXPECT_TRUE(handed_.empty());
  packet(kSecondNs - 1, 1);  // late, in time
  step(kSecondNs + 500 * kMillisecondNs);
  ASSERT_EQ(handed_.size(), 1U);
  EXPECT_EQ(handed_[0].packets, 2U);
  step(kSecondNs + 900 * kMillisecondNs);
  EXPECT_EQ(handed_.size(), 1U);
}

TEST_F(IntervalMeterTest, APacketAfterTheLatenessMakesAnotherSampleOfItsInterval) {
  packet(100);
  packet(kSecondNs + 100);
  step(kSecondNs + 600 * kMillisecondNs);
  packet(200);
  packet(300);
  step(kSecondNs + 700 * kMillisecondNs);
  ASSERT_EQ(handed_.size(), 1U);
  step(kSecondNs + 1'100 * kMillisecondNs);
  ASSERT_EQ(handed_.size(), 2U);
  EXPECT_EQ(handed_[1].start_ns, 0);
  EXPECT_EQ(handed_[1].packets, 2U);
}

TEST_F(IntervalMeterTest, AQuietLiveCaptureMakesEmptySamples) {
  packet(100);
  for (TimeNs at = 0; at < 4 * kSecondNs; at += 100 * kMillisecondNs) {
    flows_.intervals().advance(kStart + at);
    step(at);
  }
  ASSERT_EQ(handed_.size(), 3U);
  EXPECT_EQ(handed_[1].start_ns, kSecondNs);
  EXPECT_EQ(handed_[1].packets, 0U);
  ASSERT_EQ(handed_[1].interfaces.size(), 1U) << "the interface is told, with nothing in it";
}

TEST_F(IntervalMeterTest, OneStepTakesOverNoMoreThanItsLimit) {
  for (std::uint32_t flow = 0; flow < 60; ++flow) packet(100, flow);
  packet(kSecondNs, 0);
  for (int taken = 0; taken < 5; ++taken) {
    flows_.intervals().step(10, kStart + 2 * kSecondNs);
    EXPECT_TRUE(handed_.empty()) << "after " << taken;
  }
  flows_.intervals().step(10, kStart + 2 * kSecondNs);
  ASSERT_EQ(handed_.size(), 1U);
  EXPECT_EQ(handed_[0].packets, 60U);
}

TEST_F(IntervalMeterTest, NoMoreThanTheStatedNumberOfSamplesIsOpen) {
  packet(100 * kSecondNs);
  for (TimeNs late = 0; late < 40; ++late) packet(late * kSecondNs);
  EXPECT_EQ(handed_.size(), 41 - IntervalMeter::kMaxOpenSamples);
  flows_.close_all();
  flows_.intervals().finish();
  std::set<TimeNs> starts;
  for (const Handed& sample : handed_) starts.insert(sample.start_ns);
  EXPECT_EQ(handed_.size(), 41U);
  EXPECT_EQ(starts.size(), 41U);
}

TEST_F(IntervalMeterTest, CountsBothWaysOfAFlowAtTheInterfacesTheyUse) {
  PacketDigest there = testing::digest_of({.flow = 1});
  PacketDigest back = testing::digest_of({.flow = 1, .from_b = true, .ip_bytes = 500});
  back.interface_id = 1;
  for (int turn = 0; turn < 10; ++turn) {
    flows_.meter(there, 114);
    flows_.meter(back, 514);
  }
  flows_.close_all();
  flows_.intervals().finish();
  ASSERT_EQ(handed_.size(), 1U);
  ASSERT_EQ(handed_[0].interfaces.size(), 2U);
  EXPECT_EQ(handed_[0].interfaces[0].protocol[6], (TrafficCount{10, 1'000}));
  EXPECT_EQ(handed_[0].interfaces[1].protocol[6], (TrafficCount{10, 5'000}));
  EXPECT_EQ(handed_[0].interfaces[1].captured, (TrafficCount{10, 5'140}));
}

TEST(PacketCells, KindsOfTcpFlags) {
  const auto kind = [](std::uint8_t flags) { return static_cast<TcpFlagKind>(kTcpFlagKinds[flags]); };
  EXPECT_EQ(kind(0x00), TcpFlagKind::kNone);
  EXPECT_EQ(kind(0x18), TcpFlagKind::kNone);
  EXPECT_EQ(kind(0x02), TcpFlagKind::kSyn);
  EXPECT_EQ(kind(0xc2), TcpFlagKind::kSyn);  // with ECN set-up (RFC 3168)
  EXPECT_EQ(kind(0x12), TcpFlagKind::kSynAck);
  EXPECT_EQ(kind(0x11), TcpFlagKind::kFin);
  EXPECT_EQ(kind(0x14), TcpFlagKind::kRst);
  EXPECT_EQ(kind(0x03), TcpFlagKind::kMixed);
}

TEST(PacketCells, ClassesOfSizes) {
  EXPECT_EQ(size_class(0), 0U);
  EXPECT_EQ(size_class(63), 0U);
  EXPECT_EQ(size_class(64), 1U);
  EXPECT_EQ(size_class(1'500), 5U);
  EXPECT_EQ(size_class(4'095), 6U);
  EXPECT_EQ(size_class(4'096), 7U);
  EXPECT_EQ(size_class(0xffff'ffff), 7U);
}

}  // namespace
}  // namespace wireglass
