#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "meter/testing/digests.hpp"

namespace wireglass {
namespace {

using testing::MeterUnderTest;
using testing::TestPacket;
namespace flags = testing::flags;

struct Segment {
  TimeNs at_ms;
  bool from_server;
  std::uint8_t tcp_flags;
};

struct ExpectedFlow {
  std::uint64_t packets;
  std::uint64_t rev_packets;
  EndReason reason;
};

struct TcpCase {
  std::string name;
  std::vector<Segment> segments;
  std::vector<ExpectedFlow> flows;
};

const std::vector<TcpCase>& tcp_cases() {
  static const std::vector<TcpCase> cases = {
      {"fin_of_both_sides_and_the_last_acknowledgement",
       {{0, false, flags::kSyn},
        {1, true, flags::kSynAck},
        {2, false, flags::kAck},
        {3, false, flags::kFinAck},
        {4, true, flags::kFinAck},
        {5, false, flags::kAck}},
       {{4, 2, EndReason::kEndOfFlow}}},
      {"fins_that_cross_and_are_acknowledged_twice",
       {{0, false, flags::kFinAck},
        {0, true, flags::kFinAck},
        {1, false, flags::kAck},
        {2, true, flags::kAck}},
       {{2, 2, EndReason::kEndOfFlow}}},
      {"fin_and_acknowledgement_sent_again_belong_to_the_connection",
       {{0, false, flags::kFinAck},
        {1, true, flags::kFinAck},
        {2, false, flags::kAck},
        {500, true, flags::kFinAck},
        {1'400, false, flags::kAck}},
       {{3, 2, EndReason::kEndOfFlow}}},
      {"reset_by_the_server",
       {{0, false, flags::kSyn}, {1, true, flags::kRstAck}},
       {{1, 1, EndReason::kEndOfFlow}}},
      {"segments_that_cross_a_reset_belong_to_the_connection",
       {{0, false, flags::kAck}, {1, false, flags::kRst}, {2, true, flags::kAck}, {900, true, flags::kAck}},
       {{2, 2, EndReason::kEndOfFlow}}},
      {"a_segment_after_the_linger_is_another_flow",
       {{0, false, flags::kRst}, {1'001, false, flags::kAck}},
       {{1, 0, EndReason::kEndOfFlow}, {1, 0, EndReason::kForcedEnd}}},
      {"a_segment_at_the_end_of_the_linger_is_not",
       {{0, false, flags::kRst}, {1'000, false, flags::kAck}},
       {{2, 0, EndReason::kEndOfFlow}}},
      {"syn_during_the_linger_starts_a_new_flow",
       {{0, false, flags::kSyn},
        {1, true, flags::kRstAck},
        {2, false, flags::kSyn},
        {3, true, flags::kSynAck}},
       {{1, 1, EndReason::kEndOfFlow}, {1, 1, EndReason::kForcedEnd}}},
      {"syn_after_both_fins_starts_a_new_flow_without_the_last_acknowledgement",
       {{0, false, flags::kFinAck}, {1, true, flags::kFinAck}, {2, false, flags::kSyn}},
       {{1, 1, EndReason::kEndOfFlow}, {1, 0, EndReason::kForcedEnd}}},
      {"syn_and_ack_during_the_linger_belong_to_the_old_flow",
       {{0, false, flags::kRst}, {1, true, flags::kSynAck}},
       {{1, 1, EndReason::kEndOfFlow}}},
      {"syn_sent_again_in_an_open_connection_belongs_to_it",
       {{0, false, flags::kSyn}, {900, false, flags::kSyn}, {901, true, flags::kSynAck}},
       {{2, 1, EndReason::kForcedEnd}}},
      {"a_fin_of_one_side_only_waits_for_the_idle_timeout",
       {{0, false, flags::kFinAck}, {1, true, flags::kAck}, {20'000, true, flags::kAck}},
       {{1, 1, EndReason::kIdleTimeout}, {1, 0, EndReason::kForcedEnd}}},
      {"the_same_fin_twice_is_still_one_side",
       {{0, false, flags::kFinAck}, {200, false, flags::kFinAck}, {1'400, true, flags::kAck}},
       {{2, 1, EndReason::kForcedEnd}}},
      {"both_fins_without_the_last_acknowledgement_wait_but_ended",
       {{0, false, flags::kFinAck}, {1, true, flags::kFinAck}, {10'000, false, flags::kAck}},
       {{2, 1, EndReason::kEndOfFlow}}},
      {"both_fins_and_then_silence",
       {{0, false, flags::kFinAck}, {1, true, flags::kFinAck}, {30'000, false, flags::kAck}},
       {{1, 1, EndReason::kEndOfFlow}, {1, 0, EndReason::kForcedEnd}}},
  };
  return cases;
}

class FlowMeterTcp : public ::testing::TestWithParam<TcpCase> {
 protected:
  void expect_flows(const MeterUnderTest& meter) const {
    const std::vector<ExpectedFlow>& expected = GetParam().flows;
    ASSERT_EQ(meter.records().size(), expected.size());
    for (std::size_t row = 0; row < expected.size(); ++row) {
      SCOPED_TRACE(::testing::Message() << "flow " << row);
      EXPECT_EQ(meter.records()[row].flow_id, row + 1);
      EXPECT_EQ(meter.records()[row].packets, expected[row].packets);
      EXPECT_EQ(meter.records()[row].rev_packets, expected[row].rev_packets);
      EXPECT_EQ(meter.records()[row].end_reason, expected[row].reason);
    }
  }

  static TestPacket packet_of(const Segment& segment) {
    return {.at_ns = segment.at_ms * kMillisecondNs,
            .from_b = segment.from_server,
            .tcp_flags = segment.tcp_flags};
  }
};

TEST_P(FlowMeterTcp, EndsConnectionsAsTheirFlagsSay) {
  MeterUnderTest meter;
  for (const Segment& segment : GetParam().segments) meter.meter(packet_of(segment));
  meter.flush();
  expect_flows(meter);
}

TEST_P(FlowMeterTcp, DoesSoWithAdvanceInBetween) {
  MeterUnderTest meter;
  for (const Segment& segment : GetParam().segments) {
    meter.advance_to(segment.at_ms * kMillisecondNs);
    meter.meter(packet_of(segment));
  }
  meter.flush();
  expect_flows(meter);
}

INSTANTIATE_TEST_SUITE_P(Table, FlowMeterTcp, ::testing::ValuesIn(tcp_cases()),
                         [](const ::testing::TestParamInfo<TcpCase>& entry) { return entry.param.name; });

TEST(FlowMeterTcpEnd, IsHandedOverASecondAfterTheEnd) {
  MeterUnderTest meter;
  meter.meter({.at_ns = 0, .tcp_flags = flags::kSyn});
  meter.meter({.at_ns = kMillisecondNs, .from_b = true, .tcp_flags = flags::kRstAck});
  meter.advance_to(kSecondNs);
  EXPECT_TRUE(meter.records().empty());
  meter.advance_to(kSecondNs + kSecondNs / 10);
  ASSERT_EQ(meter.records().size(), 1U);
  EXPECT_EQ(meter.records()[0].end_reason, EndReason::kEndOfFlow);
  EXPECT_EQ(meter.records()[0].tcp_flags, flags::kSyn);
  EXPECT_EQ(meter.records()[0].rev_tcp_flags, flags::kRstAck);
}

TEST(FlowMeterTcpEnd, LingersNoLongerThanTheIdleTimeout) {
  MeterConfig config;
  config.idle_timeouts = 100 * kMillisecondNs;
  MeterUnderTest meter(config);
  meter.meter({.at_ns = 0, .tcp_flags = flags::kRst});
  meter.meter({.at_ns = 101 * kMillisecondNs, .tcp_flags = flags::kAck});
  ASSERT_EQ(meter.records().size(), 1U);
  EXPECT_EQ(meter.records()[0].end_reason, EndReason::kEndOfFlow);
}

TEST(FlowMeterTcpEnd, FinsInDifferentRecordsOfAFlowAddUp) {
  MeterConfig config;
  config.active_timeouts = 5 * kSecondNs;
  MeterUnderTest meter(config);
  meter.meter({.at_ns = 0, .tcp_flags = flags::kFinAck});
  meter.meter({.at_ns = 6 * kSecondNs, .from_b = true, .tcp_flags = flags::kFinAck});
  meter.meter({.at_ns = 7 * kSecondNs, .tcp_flags = flags::kAck});
  meter.flush();
  ASSERT_EQ(meter.records().size(), 2U);
  EXPECT_EQ(meter.records()[0].end_reason, EndReason::kActiveTimeout);
  EXPECT_EQ(meter.records()[1].end_reason, EndReason::kEndOfFlow);
  EXPECT_EQ(meter.records()[1].flow_id, meter.records()[0].flow_id);
  EXPECT_EQ(meter.records()[1].record_index, 1U);
  EXPECT_EQ(meter.records()[1].tcp_flags, flags::kAck) << "flags are those of the record";
}

TEST(FlowMeterTcpEnd, FlagsOfOtherProtocolsEndNothing) {
  MeterUnderTest meter;
  PacketDigest digest = testing::digest_of({.tcp_flags = 0});
  digest.key.protocol = ip_protocol::kUdp;
  meter.meter_digest(digest);
  digest.timestamp_ns += 10 * kSecondNs;
  meter.meter_digest(digest);
  meter.flush();
  ASSERT_EQ(meter.records().size(), 1U);
  EXPECT_EQ(meter.records()[0].packets, 2U);
}

}  // namespace
}  // namespace wireglass
