// What happens at the table's limit, what the cache costs, and what a snapshot shows.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "meter/testing/digests.hpp"

namespace wireglass {
namespace {

using testing::digest_of;
using testing::kStart;
using testing::MeterUnderTest;

constexpr std::uint32_t kMaxFlows = MeterConfig::kMinFlows;

MeterConfig smallest_table() {
  MeterConfig config;
  config.max_flows = kMaxFlows;
  return config;
}

TEST(FlowMeterEviction, StartsWithTheFirstFlowBeyondTheLimit) {
  MeterUnderTest meter(smallest_table());
  for (std::uint32_t flow = 0; flow < kMaxFlows; ++flow) meter.meter({.at_ns = flow, .flow = flow});
  EXPECT_TRUE(meter.records().empty());
  EXPECT_EQ(meter.counters().flows_live.value(), kMaxFlows);
  meter.meter({.at_ns = kMaxFlows, .flow = kMaxFlows});
  ASSERT_EQ(meter.records().size(), 1U);
  EXPECT_EQ(meter.records()[0].flow_id, 1U);
  EXPECT_EQ(meter.records()[0].end_reason, EndReason::kLackOfResources);
  EXPECT_EQ(meter.counters().flows_evicted.value(), 1U);
  EXPECT_EQ(meter.counters().flows_live.value(), kMaxFlows);
}

TEST(FlowMeterEviction, LimitsBelowTheSmallestCountAsTheSmallest) {
  MeterConfig config;
  config.max_flows = 1;
  MeterUnderTest meter(config);
  for (std::uint32_t flow = 0; flow < kMaxFlows; ++flow) meter.meter({.flow = flow});
  EXPECT_TRUE(meter.records().empty());
}

TEST(FlowMeterEviction, TakesTheFlowsThatWereQuietLongest) {
  MeterUnderTest meter(smallest_table());
  // One flow each millisecond, so that the table spans about four seconds; then every second flow has a
  // packet.
  for (std::uint32_t flow = 0; flow < kMaxFlows; ++flow)
    meter.meter({.at_ns = flow * kMillisecondNs, .flow = flow});
  const TimeNs later = kMaxFlows * kMillisecondNs;
  for (std::uint32_t flow = 0; flow < kMaxFlows; flow += 2) meter.meter({.at_ns = later, .flow = flow});
  for (std::uint32_t flow = 0; flow < kMaxFlows / 4; ++flow) {
    meter.meter({.at_ns = later + kSecondNs, .flow = kMaxFlows + flow});
  }
  ASSERT_EQ(meter.records().size(), kMaxFlows / 4);
  std::set<std::uint64_t> evicted;
  for (const FlowRecord& record : meter.records()) {
    EXPECT_EQ(record.end_reason, EndReason::kLackOfResources);
    evicted.insert(record.flow_id);
  }
  std::uint32_t oldest_quiet = 0;
  for (std::uint32_t flow = 1; flow < kMaxFlows / 2; flow += 2)
    oldest_quiet += evicted.count(flow + 1) != 0 ? 1 : 0;
  // Within a tick of the wheel (2^25 ns) the order is free; all but those at the edge must be the quiet ones.
  EXPECT_GE(oldest_quiet, kMaxFlows / 4 - 40);
}

TEST(FlowMeterEviction, PrefersWhatHasExpired) {
  MeterUnderTest meter(smallest_table());
  for (std::uint32_t flow = 0; flow < kMaxFlows; ++flow) {
    meter.meter({.at_ns = flow < 10 ? 0 : 10 * kSecondNs, .flow = flow});
  }
  for (std::uint32_t flow = 0; flow < 10; ++flow) {
    meter.meter({.at_ns = 20 * kSecondNs, .flow = kMaxFlows + flow});
  }
  ASSERT_EQ(meter.records().size(), 10U);
  for (const FlowRecord& record : meter.records()) EXPECT_EQ(record.end_reason, EndReason::kIdleTimeout);
  EXPECT_EQ(meter.counters().flows_evicted.value(), 0U);
}

TEST(FlowMeterEviction, SparesFlowsThatKeepHavingPackets) {
  MeterUnderTest meter(smallest_table());
  constexpr std::uint32_t kBusyFlows = 500;
  std::vector<std::uint64_t> busy_ids;
  std::uint32_t next_flow = kBusyFlows;
  for (TimeNs round = 0; round < 2'000; ++round) {
    const TimeNs at_ns = round * 5 * kMillisecondNs;
    for (std::uint32_t flow = 0; flow < kBusyFlows; ++flow) {
      const std::uint64_t flow_id = meter.meter({.at_ns = at_ns, .flow = flow});
      if (round == 0) busy_ids.push_back(flow_id);
      ASSERT_EQ(flow_id, busy_ids[flow]) << "a busy flow was evicted in round " << round;
    }
    for (int fresh = 0; fresh < 50; ++fresh) meter.meter({.at_ns = at_ns, .flow = next_flow++});
  }
  EXPECT_GT(meter.counters().flows_evicted.value(), 90'000U);
}

TEST(FlowMeterEviction, SparesBusyFlowsWithTimeoutsFarApart) {
  MeterConfig config = smallest_table();
  config.active_timeouts = 2 * kSecondNs;
  config.idle_timeouts = 3'600 * kSecondNs;
  MeterUnderTest meter(config);
  const std::uint64_t busy = meter.meter({.at_ns = 0, .flow = 0});
  for (std::uint32_t flow = 1; flow < 10 * kMaxFlows; ++flow) {
    const TimeNs at_ns = flow * kMillisecondNs;
    if (flow % 100 == 0) {
      ASSERT_EQ(meter.meter({.at_ns = at_ns, .flow = 0}), busy);
    }
    meter.meter({.at_ns = at_ns, .flow = flow});
  }
}

TEST(FlowMeterEviction, SparesBusyFlowsWhenAFloodTurnsTheTableOverWithinATick) {
  MeterUnderTest meter(smallest_table());
  const std::uint64_t busy = meter.meter({.at_ns = 0, .flow = 0});
  for (std::uint32_t flow = 1; flow < 4 * kMaxFlows; ++flow) {
    const TimeNs at_ns = flow * kMicrosecondNs;
    if (flow % 1'000 == 0) {
      ASSERT_EQ(meter.meter({.at_ns = at_ns, .flow = 0}), busy) << "after " << flow << " flows";
    }
    meter.meter({.at_ns = at_ns, .flow = flow});
  }
}

TEST(FlowMeterEviction, LosesNoPacketUnderRandomPressure) {
  MeterUnderTest meter(smallest_table());
  std::mt19937_64 random(3);
  const std::vector<std::uint8_t> tcp_flags = {0x10, 0x10, 0x10, 0x11, 0x04, 0x02, 0x12};
  std::uint64_t packets = 0;
  TimeNs at_ns = 0;
  std::vector<PacketDigest> batch;
  for (int round = 0; round < 2'000; ++round) {
    batch.clear();
    for (int packet = 0; packet < 100; ++packet) {
      at_ns += static_cast<TimeNs>(random() % (2 * kMillisecondNs));
      batch.push_back(digest_of({.at_ns = at_ns,
                                 .flow = static_cast<std::uint32_t>(random() % 50'000),
                                 .tcp_flags = tcp_flags[random() % tcp_flags.size()],
                                 .ip_bytes = 1}));
    }
    packets += batch.size();
    const std::vector<std::uint64_t> ids = meter.meter_all(batch);
    EXPECT_EQ(std::count(ids.begin(), ids.end(), 0U), 0);
    if (round % 7 == 0) meter.flow_meter().advance(kStart + at_ns);
    ASSERT_LE(meter.counters().flows_live.value(), kMaxFlows);
  }
  EXPECT_GT(meter.counters().flows_evicted.value(), 0U);
  meter.flush();
  std::uint64_t recorded = 0;
  std::set<std::pair<std::uint64_t, std::uint32_t>> names;
  for (const FlowRecord& record : meter.records()) {
    recorded += record.bytes + record.rev_bytes;
    EXPECT_TRUE(names.insert({record.flow_id, record.record_index}).second);
  }
  EXPECT_EQ(recorded, packets);
  EXPECT_EQ(meter.counters().records.value(), meter.records().size());
}

TEST(FlowMeterSnapshot, ShowsEveryLiveFlowOnceWhateverTheLimit) {
  MeterUnderTest meter;
  constexpr std::uint32_t kFlows = 5'000;
  for (std::uint32_t flow = 0; flow < kFlows; flow += 3) meter.meter({.at_ns = 0, .flow = flow});
  for (std::uint32_t flow = 1; flow < kFlows; flow += 3) meter.meter({.at_ns = kSecondNs, .flow = flow});
  for (std::uint32_t flow = 2; flow < kFlows; flow += 3) meter.meter({.at_ns = 2 * kSecondNs, .flow = flow});
  meter.advance_to(15 * kSecondNs + kSecondNs / 2);
  const std::size_t live = meter.counters().flows_live.value();
  EXPECT_LT(live, kFlows);
  EXPECT_GT(live, kFlows / 2);
  for (const std::uint32_t limit : {1U, 7U, 2'048U, 100'000U}) {
    std::set<std::uint64_t> shown;
    std::size_t rows = 0;
    std::uint32_t position = 0;
    do {
      std::uint32_t rows_of_call = 0;
      position = meter.flow_meter().snapshot(position, limit, [&](const FlowRecord& record) {
        EXPECT_EQ(record.end_reason, EndReason::kLive);
        shown.insert(record.flow_id);
        ++rows_of_call;
      });
      EXPECT_LE(rows_of_call, limit);
      rows += rows_of_call;
    } while (position != 0);
    EXPECT_EQ(rows, live);
    EXPECT_EQ(shown.size(), live);
  }
}

TEST(FlowMeterSnapshot, IsEmptyWithoutFlows) {
  MeterUnderTest meter;
  const auto fail = [](const FlowRecord&) { FAIL() << "nothing is live"; };
  EXPECT_EQ(meter.flow_meter().snapshot(0, 100, fail), 0U);
  EXPECT_EQ(meter.flow_meter().snapshot(12'345, 100, fail), 0U);
}

TEST(FlowMeterSnapshot, LooksAtABoundedNumberOfFreeEntries) {
  MeterUnderTest meter;
  constexpr std::uint32_t kFlows = FlowMeter::kSnapshotStepEntries + 1'000;
  for (std::uint32_t flow = 0; flow < kFlows; ++flow) meter.meter({.at_ns = 0, .flow = flow});
  meter.meter({.at_ns = 10 * kSecondNs, .flow = kFlows - 1});
  for (int step = 0; step < 20; ++step) meter.advance_to(20 * kSecondNs);
  ASSERT_EQ(meter.counters().flows_live.value(), 1U);
  int shown = 0;
  const auto count = [&](const FlowRecord&) { ++shown; };
  const std::uint32_t position = meter.flow_meter().snapshot(0, 10, count);
  EXPECT_EQ(position, FlowMeter::kSnapshotStepEntries);
  EXPECT_EQ(shown, 0);
  EXPECT_EQ(meter.flow_meter().snapshot(position, 10, count), 0U);
  EXPECT_EQ(shown, 1);
}

TEST(FlowMeterSnapshot, DoesNotDisturbTheFlows) {
  MeterUnderTest meter;
  meter.meter({.at_ns = 0, .ip_bytes = 100});
  std::uint64_t bytes = 0;
  meter.flow_meter().snapshot(0, 10, [&](const FlowRecord& record) { bytes = record.bytes; });
  EXPECT_EQ(bytes, 100U);
  meter.meter({.at_ns = 1, .ip_bytes = 50});
  meter.flush();
  ASSERT_EQ(meter.records().size(), 1U);
  EXPECT_EQ(meter.records()[0].bytes, 150U);
}

std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t size_pages = 0;
  std::uint64_t resident_pages = 0;
  statm >> size_pages >> resident_pages;
  return resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

TEST(FlowMeterMemory, StaysWithinAQuarterOfAGigabyteAtAMillionFlows) {
  MeterConfig config;
  config.max_flows = 1'000'000;
  EXPECT_LE(FlowMeter::memory_bytes(config), 256U << 20);
  config.max_flows = 1 << 20;
  EXPECT_LE(FlowMeter::memory_bytes(config), 256U << 20);
}

TEST(FlowMeterMemory, IsWhatMemoryBytesTells) {
  MeterConfig config;
  config.max_flows = 300'000;
  config.recording = Recording::kFull;
  const std::uint64_t before = resident_bytes();
  FlowMeter meter(config, [](const FlowRecord&) {});
  for (std::uint32_t flow = 0; flow < config.max_flows; ++flow) {
    PacketDigest digest = digest_of({.flow = flow, .segment = 1});
    digest.key.overlay = Overlay::kLisp;
    digest.key.tenant_id = flow;
    digest.hash = FlowHash(42)(digest.key);
    std::uint64_t flow_id = 0;
    meter.meter({&digest, 1}, {&flow_id, 1});
  }
  const std::uint64_t used = resident_bytes() - before;
  const std::uint64_t told = FlowMeter::memory_bytes(config);
  EXPECT_LE(used, told + told / 10);  // the sanitizers' own memory included
  EXPECT_GE(used, told - told / 5);
}

}  // namespace
}  // namespace wireglass
