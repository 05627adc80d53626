// Interval samples as the flow cache makes them: their sums are those of the packets and of the meter's own
// counters, whatever closes flows and records in between.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

#include "meter/testing/digests.hpp"

namespace wireglass {
namespace {

using testing::digest_of;

struct Shape {
  const char* name;
  std::uint32_t flows;
  TimeNs gap_ns;  ///< mean between packets
  double late_chance = 0;
  double step_chance = 0;  ///< of time going back for good
  double tcp_end_chance = 0;
  std::uint32_t max_flows = 65'536;
};

struct Totals {
  TrafficCount traffic;
  std::map<TimeNs, TrafficCount> by_interval;
};

class FlowMeterIntervals : public ::testing::TestWithParam<Shape> {
 protected:
  std::vector<PacketDigest> random_stream(std::uint32_t seed, std::size_t packets);
};

std::vector<PacketDigest> FlowMeterIntervals::random_stream(std::uint32_t seed, std::size_t packets) {
  const Shape& shape = GetParam();
  std::mt19937_64 random(seed);
  const auto chance = [&](double probability) {
    return std::uniform_real_distribution<double>(0, 1)(random) < probability;
  };
  const auto up_to = [&](TimeNs limit) { return std::uniform_int_distribution<TimeNs>(0, limit)(random); };
  const std::vector<std::uint8_t> ending = {0x01, 0x11, 0x04, 0x14, 0x02, 0x12};
  std::vector<PacketDigest> digests;
  TimeNs now = 1'000'000 * kSecondNs;
  for (std::size_t serial = 0; serial < packets; ++serial) {
    now += up_to(2 * shape.gap_ns);
    if (chance(shape.step_chance)) now -= 20 * kSecondNs + up_to(100 * kSecondNs);
    testing::TestPacket packet;
    packet.at_ns = now - (chance(shape.late_chance) ? up_to(14 * kSecondNs) : 0);
    packet.flow = static_cast<std::uint32_t>(up_to(shape.flows - 1));
    packet.from_b = chance(0.4);
    if (chance(shape.tcp_end_chance)) packet.tcp_flags = ending[static_cast<std::size_t>(up_to(5))];
    packet.ip_bytes = static_cast<std::uint32_t>(20 + up_to(1'480));
    digests.push_back(digest_of(packet));
  }
  return digests;
}

TEST_P(FlowMeterIntervals, SamplesSumUpToThePacketsAndToTheMetersCounters) {
  for (std::uint32_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    const std::vector<PacketDigest> digests = random_stream(seed, 20'000);
    Totals expected;
    for (const PacketDigest& digest : digests) {
      expected.by_interval[digest.timestamp_ns / kSecondNs * kSecondNs].add(1, digest.ip_bytes);
    }
    Totals found;
    std::uint64_t started = 0;
    std::uint64_t ended = 0;
    std::uint64_t heaviest_bytes = 0;
    MeterConfig config;
    config.max_flows = GetParam().max_flows;
    config.intervals = IntervalConfig{.max_active_flows = 256};
    FlowMeter meter(
        config, [](const FlowRecord&) {},
        [&](const IntervalSample& sample) {
          heaviest_bytes += sample.conversations().total_bytes();
          for (const InterfaceCounts& counts : sample.interfaces()) {
            started += counts.flows_started;
            ended += counts.flows_ended;
            found.traffic.add(counts.metered);
            TrafficCount by_protocol;
            for (const TrafficCount& count : counts.protocol) by_protocol.add(count);
            EXPECT_EQ(by_protocol, counts.metered);
            if (counts.metered.packets > 0) found.by_interval[sample.start_ns()].add(counts.metered);
          }
        });
    for (std::size_t first = 0; first < digests.size(); first += 100) {
      const std::size_t count = std::min<std::size_t>(100, digests.size() - first);
      meter.meter({digests.data() + first, count}, {});
      if (first % 300 == 0) meter.advance(std::numeric_limits<TimeNs>::min());
    }
    meter.flush(EndReason::kForcedEnd);
    EXPECT_EQ(found.by_interval, expected.by_interval);
    EXPECT_EQ(found.traffic.packets, meter.counters().packets.value());
    EXPECT_EQ(found.traffic.bytes, meter.counters().bytes.value());
    EXPECT_EQ(heaviest_bytes, found.traffic.bytes);
    EXPECT_EQ(started, meter.counters().flows_created.value());
    EXPECT_EQ(ended, started);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Streams, FlowMeterIntervals,
    ::testing::Values(Shape{"steady", 200, kMillisecondNs}, Shape{"sparse", 2'000, 700 * kMillisecondNs},
                      Shape{"out_of_order", 200, 20 * kMillisecondNs, 0.3},
                      Shape{"time_steps_back", 200, 100 * kMillisecondNs, 0.1, 0.002, 0.1},
                      Shape{"tcp_ends", 200, 10 * kMillisecondNs, 0.02, 0, 0.6},
                      Shape{"evictions", 9'000, kMillisecondNs, 0.02, 0.0002, 0.2, 4'096}),
    [](const ::testing::TestParamInfo<Shape>& shape) { return shape.param.name; });

TEST(FlowMeterWithIntervals, RecordsAreTheSameWithSamplesAndWithout) {
  std::vector<FlowRecord> with;
  std::vector<FlowRecord> without;
  MeterConfig config;
  FlowMeter plain(config, [&](const FlowRecord& record) { without.push_back(record); });
  config.intervals = IntervalConfig{};
  FlowMeter sampled(
      config, [&](const FlowRecord& record) { with.push_back(record); }, [](const IntervalSample&) {});
  for (std::uint32_t serial = 0; serial < 5'000; ++serial) {
    const PacketDigest digest = digest_of(
        {.at_ns = serial * 40 * kMillisecondNs, .flow = serial * serial % 83, .from_b = serial % 3 == 0});
    plain.meter({&digest, 1}, {});
    sampled.meter({&digest, 1}, {});
  }
  plain.flush(EndReason::kForcedEnd);
  sampled.flush(EndReason::kForcedEnd);
  ASSERT_EQ(with.size(), without.size());
  for (std::size_t place = 0; place < with.size(); ++place) {
    EXPECT_EQ(with[place].flow_id, without[place].flow_id);
    EXPECT_EQ(with[place].bytes, without[place].bytes);
    EXPECT_EQ(with[place].rev_packets, without[place].rev_packets);
    EXPECT_EQ(with[place].end_ns, without[place].end_ns);
  }
}

TEST(FlowMeterWithIntervals, FlowsOfAnOuterLayerAreNotCountedTwice) {
  std::uint64_t packets = 0;
  MeterConfig config;
  config.intervals = IntervalConfig{};
  FlowMeter meter(
      config, [](const FlowRecord&) {},
      [&](const IntervalSample& sample) {
        for (const InterfaceCounts& counts : sample.interfaces()) {
          packets += counts.metered.packets;
          EXPECT_EQ(counts.flows_started, 1U);
          EXPECT_EQ(counts.flows_ended, 1U);
        }
      });
  const PacketDigest inner = digest_of({.flow = 1});
  PacketDigest outer = digest_of({.flow = 2});
  outer.key.layer = FlowLayer::kOuter;
  for (int packet = 0; packet < 5; ++packet) {
    meter.meter({&inner, 1}, {});
    meter.meter({&outer, 1}, {});
  }
  meter.flush(EndReason::kForcedEnd);
  EXPECT_EQ(packets, 5U);
}

/// In the key stands a hash of the tunnel's ends, which would say nothing to anybody.
TEST(FlowMeterIntervalTenants, AreTheIdentifiersThatRecordsTell) {
  std::vector<std::uint64_t> tenants;
  MeterConfig config;
  config.intervals = IntervalConfig{};
  FlowMeter meter(
      config, [](const FlowRecord&) {},
      [&](const IntervalSample& sample) {
        for (const auto& item : sample.tenants().items()) tenants.push_back(item.key[0]);
      });
  PacketDigest digest = digest_of({.flow = 1});
  digest.key.overlay = Overlay::kGtpU;
  digest.key.tenant_id = 0xdead;
  for (const std::uint32_t teid : {0x1111U, 0x2222U}) {
    digest.teid = teid;
    digest.from_b = teid == 0x2222;
    meter.meter({&digest, 1}, {});
  }
  meter.flush(EndReason::kForcedEnd);
  EXPECT_EQ(tenants, std::vector{IntervalSample::tenant_key(Overlay::kGtpU, 0x1111)});
}

}  // namespace
}  // namespace wireglass
