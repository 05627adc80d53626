#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "meter/testing/digests.hpp"

namespace wireglass {
namespace {

using testing::digest_of;
using testing::kStart;
using testing::MeterUnderTest;

constexpr TimeNs kIdle = 15 * kSecondNs;
constexpr TimeNs kActive = 60 * kSecondNs;

MeterConfig with_timeouts(TimeNs active_ns, TimeNs idle_ns) {
  MeterConfig config;
  config.active_timeouts = active_ns;
  config.idle_timeouts = idle_ns;
  return config;
}

/// A record as these tests care for it; times count from kStart.
struct Expected {
  std::uint64_t flow_id;
  std::uint32_t record_index;
  TimeNs start_ns;
  TimeNs end_ns;
  std::uint64_t packets;
  EndReason reason;
};

void expect_records(const std::vector<FlowRecord>& records, const std::vector<Expected>& expected) {
  ASSERT_EQ(records.size(), expected.size());
  for (std::size_t row = 0; row < expected.size(); ++row) {
    SCOPED_TRACE(::testing::Message() << "record " << row);
    EXPECT_EQ(records[row].flow_id, expected[row].flow_id);
    EXPECT_EQ(records[row].record_index, expected[row].record_index);
    EXPECT_EQ(records[row].start_ns, kStart + expected[row].start_ns);
    EXPECT_EQ(records[row].end_ns, kStart + expected[row].end_ns);
    EXPECT_EQ(records[row].packets, expected[row].packets);
    EXPECT_EQ(records[row].end_reason, expected[row].reason);
  }
}

struct TimeoutCase {
  std::string name;
  TimeNs active_ns;
  TimeNs idle_ns;
  std::vector<TimeNs> packets_at_ns;
  std::vector<Expected> records;  ///< after a flush at the last packet's time
};

const std::vector<TimeoutCase>& timeout_cases() {
  static const std::vector<TimeoutCase> cases = {
      {"a_gap_of_exactly_the_idle_timeout_keeps_the_flow",
       kActive,
       kIdle,
       {0, kIdle},
       {{1, 0, 0, kIdle, 2, EndReason::kForcedEnd}}},
      {"one_nanosecond_more_starts_a_new_flow",
       kActive,
       kIdle,
       {0, kIdle + 1},
       {{1, 0, 0, 0, 1, EndReason::kIdleTimeout}, {2, 0, kIdle + 1, kIdle + 1, 1, EndReason::kForcedEnd}}},
      {"a_record_of_exactly_the_active_timeout_goes_on",
       20 * kSecondNs,
       kIdle,
       {0, 10 * kSecondNs, 20 * kSecondNs},
       {{1, 0, 0, 20 * kSecondNs, 3, EndReason::kForcedEnd}}},
      {"one_nanosecond_more_opens_the_next_record_of_the_flow",
       20 * kSecondNs,
       kIdle,
       {0, 10 * kSecondNs, 20 * kSecondNs + 1},
       {{1, 0, 0, 10 * kSecondNs, 2, EndReason::kActiveTimeout},
        {1, 1, 20 * kSecondNs + 1, 20 * kSecondNs + 1, 1, EndReason::kForcedEnd}}},
      {"both_passed_with_the_active_timeout_first",
       20 * kSecondNs,
       kIdle,
       {0, 10 * kSecondNs, 100 * kSecondNs},
       {{1, 0, 0, 10 * kSecondNs, 2, EndReason::kActiveTimeout},
        {2, 0, 100 * kSecondNs, 100 * kSecondNs, 1, EndReason::kForcedEnd}}},
      {"both_passed_with_the_idle_timeout_first",
       20 * kSecondNs,
       kIdle,
       {0, 100 * kSecondNs},
       {{1, 0, 0, 0, 1, EndReason::kIdleTimeout},
        {2, 0, 100 * kSecondNs, 100 * kSecondNs, 1, EndReason::kForcedEnd}}},
      {"both_passed_at_one_moment_count_as_idle",
       kIdle,
       kIdle,
       {0, kIdle + 1},
       {{1, 0, 0, 0, 1, EndReason::kIdleTimeout}, {2, 0, kIdle + 1, kIdle + 1, 1, EndReason::kForcedEnd}}},
      {"an_active_timeout_below_the_idle_one_gives_a_record_per_packet",
       5 * kSecondNs,
       kIdle,
       {0, 10 * kSecondNs, 20 * kSecondNs},
       {{1, 0, 0, 0, 1, EndReason::kActiveTimeout},
        {1, 1, 10 * kSecondNs, 10 * kSecondNs, 1, EndReason::kActiveTimeout},
        {1, 2, 20 * kSecondNs, 20 * kSecondNs, 1, EndReason::kForcedEnd}}},
      {"a_packet_out_of_order_moves_the_start_but_not_the_end",
       kActive,
       kIdle,
       {10 * kSecondNs, 12 * kSecondNs, 8 * kSecondNs},
       {{1, 0, 8 * kSecondNs, 12 * kSecondNs, 3, EndReason::kForcedEnd}}},
      {"time_going_back_by_the_idle_timeout_is_still_reordering",
       kActive,
       kIdle,
       {kIdle, 0},
       {{1, 0, 0, kIdle, 2, EndReason::kForcedEnd}}},
      {"time_going_back_further_closes_everything_and_goes_on_from_there",
       kActive,
       kIdle,
       {1'000 * kSecondNs, 0, 10 * kSecondNs},
       {{1, 0, 1'000 * kSecondNs, 1'000 * kSecondNs, 1, EndReason::kForcedEnd},
        {2, 0, 0, 10 * kSecondNs, 2, EndReason::kForcedEnd}}},
      {"timeouts_below_a_millisecond_count_as_one",
       0,
       -kSecondNs,
       {0, kMillisecondNs, 2 * kMillisecondNs + 1},
       {{1, 0, 0, kMillisecondNs, 2, EndReason::kActiveTimeout},
        {2, 0, 2 * kMillisecondNs + 1, 2 * kMillisecondNs + 1, 1, EndReason::kForcedEnd}}},
  };
  return cases;
}

class FlowMeterTimeouts : public ::testing::TestWithParam<TimeoutCase> {};

TEST_P(FlowMeterTimeouts, HoldWithoutAdvance) {
  MeterUnderTest meter(with_timeouts(GetParam().active_ns, GetParam().idle_ns));
  for (const TimeNs at_ns : GetParam().packets_at_ns) meter.meter({.at_ns = at_ns});
  meter.flush();
  expect_records(meter.records(), GetParam().records);
}

TEST_P(FlowMeterTimeouts, HoldWithAdvanceBeforeAndAfterEachPacket) {
  MeterUnderTest meter(with_timeouts(GetParam().active_ns, GetParam().idle_ns));
  TimeNs latest_ns = 0;
  for (const TimeNs at_ns : GetParam().packets_at_ns) {
    latest_ns = std::max(latest_ns, at_ns);
    if (at_ns == latest_ns) meter.advance_to(at_ns);
    meter.meter({.at_ns = at_ns});
    meter.advance_to(at_ns);
  }
  meter.flush();
  expect_records(meter.records(), GetParam().records);
}

INSTANTIATE_TEST_SUITE_P(Table, FlowMeterTimeouts, ::testing::ValuesIn(timeout_cases()),
                         [](const ::testing::TestParamInfo<TimeoutCase>& entry) { return entry.param.name; });

TEST(FlowMeterAdvance, ClosesIdleFlowsWithoutFurtherPackets) {
  MeterUnderTest meter;
  meter.meter({.at_ns = 0});
  meter.advance_to(kIdle);
  EXPECT_TRUE(meter.records().empty());
  meter.advance_to(kIdle + kSecondNs / 10);
  expect_records(meter.records(), {{1, 0, 0, 0, 1, EndReason::kIdleTimeout}});
  EXPECT_EQ(meter.counters().flows_live.value(), 0U);
}

TEST(FlowMeterAdvance, ClosesARecordAtTheActiveTimeoutAndKeepsTheFlow) {
  MeterUnderTest meter(with_timeouts(10 * kSecondNs, kIdle));
  const std::uint64_t first = meter.meter({.at_ns = 0});
  meter.meter({.at_ns = 9 * kSecondNs});
  meter.advance_to(10 * kSecondNs + kSecondNs / 10);
  expect_records(meter.take_records(), {{1, 0, 0, 9 * kSecondNs, 2, EndReason::kActiveTimeout}});
  EXPECT_EQ(meter.counters().flows_live.value(), 1U);
  EXPECT_EQ(meter.meter({.at_ns = 20 * kSecondNs}), first);
  meter.flush();
  expect_records(meter.take_records(), {{1, 1, 20 * kSecondNs, 20 * kSecondNs, 1, EndReason::kForcedEnd}});
}

TEST(FlowMeterAdvance, DropsAFlowWithoutAnOpenRecordSilently) {
  MeterUnderTest meter(with_timeouts(10 * kSecondNs, kIdle));
  meter.meter({.at_ns = 0});
  meter.meter({.at_ns = 9 * kSecondNs});
  meter.advance_to(11 * kSecondNs);
  EXPECT_EQ(meter.take_records().size(), 1U);
  meter.advance_to(25 * kSecondNs);
  EXPECT_TRUE(meter.records().empty());
  EXPECT_EQ(meter.counters().flows_live.value(), 0U);
  EXPECT_EQ(meter.meter({.at_ns = 26 * kSecondNs}), 2U);
}

TEST(FlowMeterAdvance, IgnoresAnEarlierTime) {
  MeterUnderTest meter;
  meter.meter({.at_ns = 100 * kSecondNs});
  meter.advance_to(0);
  EXPECT_TRUE(meter.records().empty());
  meter.meter({.at_ns = 101 * kSecondNs});
  meter.flush();
  expect_records(meter.records(), {{1, 0, 100 * kSecondNs, 101 * kSecondNs, 2, EndReason::kForcedEnd}});
}

TEST(FlowMeterAdvance, CountsTimeThatStepsBack) {
  MeterUnderTest meter;
  for (const TimeNs at_ns :
       {100 * kSecondNs, 200 * kSecondNs, 50 * kSecondNs, 60 * kSecondNs, 0 * kSecondNs}) {
    meter.meter({.at_ns = at_ns});
  }
  EXPECT_EQ(meter.counters().clock_steps.value(), 2U);
}

TEST(FlowMeterAdvance, TouchesABoundedNumberOfEntriesPerCall) {
  constexpr std::uint32_t kFlows = 3 * FlowMeter::kExpiryStepEntries;
  MeterUnderTest meter;
  for (std::uint32_t flow = 0; flow < kFlows; ++flow) meter.meter({.at_ns = 0, .flow = flow});
  for (std::uint32_t step = 1; step <= 3; ++step) {
    meter.flow_meter().advance(kStart + 10'000 * kSecondNs);
    EXPECT_EQ(meter.records().size(), step * FlowMeter::kExpiryStepEntries);
  }
  EXPECT_EQ(meter.counters().flows_live.value(), 0U);
}

TEST(FlowMeterAdvance, JumpsOverYearsInOneStep) {
  MeterUnderTest meter;
  const TimeNs year = 365 * 86'400 * kSecondNs;
  for (TimeNs jump = 0; jump < 100; ++jump) {
    meter.meter({.at_ns = jump * year, .flow = 1});
    meter.meter({.at_ns = jump * year, .flow = 2});
    meter.flow_meter().advance(kStart + jump * year);
    EXPECT_EQ(meter.records().size(), static_cast<std::size_t>(2 * jump));
  }
}

TEST(FlowMeterAdvance, TakesTimeStampsFromEndToEndOfTheirRange) {
  constexpr TimeNs kFirst = std::numeric_limits<TimeNs>::min();
  constexpr TimeNs kLast = std::numeric_limits<TimeNs>::max();
  MeterUnderTest meter(with_timeouts(kLast, kIdle));
  for (const TimeNs timestamp_ns : {kFirst, kFirst, kLast, kLast, TimeNs{0}, TimeNs{-1}, kLast, kFirst}) {
    PacketDigest digest = digest_of({});
    digest.timestamp_ns = timestamp_ns;
    meter.meter_digest(digest);
    meter.flow_meter().advance(timestamp_ns);
  }
  meter.flush();
  std::vector<std::uint64_t> packets;
  packets.reserve(meter.records().size());
  for (const FlowRecord& record : meter.records()) packets.push_back(record.packets);
  EXPECT_EQ(packets, (std::vector<std::uint64_t>{2, 2, 2, 1, 1}));
  EXPECT_EQ(meter.counters().clock_steps.value(), 2U);
}

TEST(FlowMeterAdvance, ClosesFlowsInTimeWithTimeoutsFarApart) {
  const std::vector<std::pair<TimeNs, TimeNs>> timeouts = {
      {kSecondNs, 86'400 * kSecondNs}, {86'400 * kSecondNs, kSecondNs}, {kMillisecondNs, 600 * kSecondNs}};
  for (const auto& [active_ns, idle_ns] : timeouts) {
    MeterUnderTest meter(with_timeouts(active_ns, idle_ns));
    meter.meter({.at_ns = 0});
    meter.advance_to(std::min(active_ns, idle_ns));
    EXPECT_TRUE(meter.records().empty());
    meter.advance_to(idle_ns + idle_ns / 1'000 + std::min(active_ns, idle_ns) / 100);
    EXPECT_EQ(meter.records().size(), 1U);
    EXPECT_EQ(meter.counters().flows_live.value(), 0U);
  }
}

TEST(FlowMeterFlush, ClosesEachFlowForItsOwnReasonWhereItWasOverBefore) {
  MeterUnderTest meter;
  meter.meter({.at_ns = 0, .flow = 1});
  meter.meter({.at_ns = 20 * kSecondNs, .flow = 2});
  meter.flush(EndReason::kForcedEnd);
  expect_records(meter.records(), {{1, 0, 0, 0, 1, EndReason::kIdleTimeout},
                                   {2, 0, 20 * kSecondNs, 20 * kSecondNs, 1, EndReason::kForcedEnd}});
  EXPECT_EQ(meter.counters().flows_live.value(), 0U);
  meter.flush(EndReason::kForcedEnd);
  EXPECT_EQ(meter.records().size(), 2U);
}

}  // namespace
}  // namespace wireglass
