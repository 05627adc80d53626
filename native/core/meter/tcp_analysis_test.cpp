// What the meter notices of TCP connections: each script of segments with what the record must tell.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "meter/testing/digests.hpp"

namespace wireglass {
namespace {

using testing::digest_of;
using testing::MeterUnderTest;
namespace flags = testing::flags;

struct Segment {
  std::uint32_t at_ms;
  bool from_server;
  std::uint8_t tcp_flags;
  std::uint32_t sequence;
  std::uint32_t acknowledgment;
  std::uint32_t payload_bytes = 0;
  std::uint16_t window = 1'000;
};

constexpr std::uint8_t kPush = 0x18;

PacketDigest digest(const Segment& segment) {
  PacketDigest made = digest_of({.at_ns = segment.at_ms * kMillisecondNs,
                                 .from_b = segment.from_server,
                                 .tcp_flags = segment.tcp_flags,
                                 .ip_bytes = 40 + segment.payload_bytes});
  made.has_tcp = true;
  made.tcp_sequence = segment.sequence;
  made.tcp_acknowledgment = segment.acknowledgment;
  made.tcp_window = segment.window;
  made.payload_bytes = segment.payload_bytes;
  return made;
}

FlowRecord record_of(const std::vector<Segment>& segments) {
  MeterUnderTest meter;
  for (const Segment& segment : segments) meter.meter_digest(digest(segment));
  meter.flush();
  EXPECT_EQ(meter.records().size(), 1U);
  return meter.records().empty() ? FlowRecord{} : meter.records()[0];
}

/// Client's sequence numbers start at `client`, the server's at `server`; the handshake takes 10 ms.
std::vector<Segment> after_handshake(std::vector<Segment> segments, std::uint32_t client = 1'000,
                                     std::uint32_t server = 5'000) {
  std::vector<Segment> all = {{0, false, flags::kSyn, client, 0},
                              {9, true, flags::kSynAck, server, client + 1},
                              {10, false, flags::kAck, client + 1, server + 1}};
  for (Segment segment : segments) {
    segment.at_ms += 10;
    segment.sequence += segment.from_server ? server + 1 : client + 1;
    if ((segment.tcp_flags & flags::kAck) != 0)
      segment.acknowledgment += segment.from_server ? client + 1 : server + 1;
    all.push_back(segment);
  }
  return all;
}

struct Counted {
  std::uint32_t retransmitted = 0, rev_retransmitted = 0;
  std::uint32_t out_of_order = 0, rev_out_of_order = 0;
  std::uint32_t duplicate_acks = 0, rev_duplicate_acks = 0;
  std::uint32_t zero_windows = 0, rev_zero_windows = 0;

  friend bool operator==(const Counted&, const Counted&) = default;
};

Counted counted(const FlowRecord& record) {
  return {record.tcp_retransmitted,    record.rev_tcp_retransmitted, record.tcp_out_of_order,
          record.rev_tcp_out_of_order, record.tcp_duplicate_acks,    record.rev_tcp_duplicate_acks,
          record.tcp_zero_windows,     record.rev_tcp_zero_windows};
}

struct Script {
  std::string name;
  std::vector<Segment> segments;  ///< behind the handshake, times and numbers counted from there
  Counted expected;
};

class TcpAnalysis : public ::testing::TestWithParam<Script> {};

TEST_P(TcpAnalysis, CountsWhatHappened) {
  EXPECT_EQ(counted(record_of(after_handshake(GetParam().segments))), GetParam().expected);
}

TEST_P(TcpAnalysis, CountsTheSameAcrossTheWrapOfSequenceNumbers) {
  EXPECT_EQ(counted(record_of(after_handshake(GetParam().segments, 0xffff'ff80, 0xffff'ffe0))),
            GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Scripts, TcpAnalysis,
    ::testing::Values(
        Script{"nothing_of_an_ordinary_exchange",
               {{0, false, kPush, 0, 0, 100},
                {20, true, kPush, 0, 100, 200},
                {30, false, flags::kAck, 100, 200}},
               {}},
        Script{
            "a_segment_sent_again_after_a_time_out",
            {{0, false, kPush, 0, 0, 100}, {300, false, kPush, 0, 0, 100}, {320, true, flags::kAck, 0, 100}},
            {.retransmitted = 1}},
        Script{"a_part_of_a_segment_sent_again",
               {{0, true, kPush, 0, 0, 100}, {300, true, kPush, 50, 0, 40}},
               {.rev_retransmitted = 1}},
        Script{"segments_that_changed_places",
               {{0, false, kPush, 0, 0, 100}, {1, false, kPush, 200, 0, 100}, {2, false, kPush, 100, 0, 100}},
               {.out_of_order = 1}},
        Script{
            "a_gap_filled_too_late_for_reordering",
            {{0, false, kPush, 0, 0, 100}, {1, false, kPush, 200, 0, 100}, {40, false, kPush, 100, 0, 100}},
            {.retransmitted = 1}},
        Script{"a_gap_filled_on_request",
               {{0, false, kPush, 0, 0, 100},
                {1, false, kPush, 200, 0, 100},
                {2, true, flags::kAck, 0, 100},
                {3, true, flags::kAck, 0, 100},
                {4, true, flags::kAck, 0, 100},
                {5, false, kPush, 100, 0, 100}},
               {.retransmitted = 1, .rev_duplicate_acks = 2}},
        Script{"an_acknowledgement_with_another_window_is_an_update",
               {{0, true, flags::kAck, 0, 0, 0, 1'500}, {1, true, flags::kAck, 0, 0, 0, 2'000}},
               {}},
        Script{"a_closed_window",
               {{0, true, flags::kAck, 0, 0, 0, 0}, {1, true, flags::kAck, 0, 0, 0, 0}},
               {.rev_zero_windows = 2}},
        Script{"a_keep_alive_and_its_answer",
               {{5'000, false, flags::kAck, ~std::uint32_t{0}, 0}, {5'001, true, flags::kAck, 0, 0}},
               {}},
        Script{"a_reset_without_window", {{0, true, flags::kRstAck, 0, 0, 0, 0}}, {}}),
    [](const ::testing::TestParamInfo<Script>& script) { return script.param.name; });

TEST(TcpRoundTrips, OfHandshakeAndDataAreToldForTheSideThatWaited) {
  const FlowRecord record = record_of(after_handshake({{0, false, kPush, 0, 0, 100},
                                                       {20, true, flags::kAck, 0, 100},
                                                       {30, false, kPush, 100, 0, 100},
                                                       {90, true, kPush, 0, 200, 50},
                                                       {95, false, flags::kAck, 200, 50}}));
  EXPECT_EQ(record.tcp_handshake_rtt_us, 10'000U);
  EXPECT_EQ(record.tcp_rtt_min_us, 20'000U);
  EXPECT_EQ(record.tcp_rtt_us, 25'000U);  // 20 ms and an eighth of the way to 60 ms
  EXPECT_EQ(record.rev_tcp_rtt_min_us, 5'000U);
  EXPECT_EQ(record.rev_tcp_rtt_us, 5'000U);
}

TEST(TcpRoundTrips, AreNotTakenFromWhatWasSentAgain) {
  const FlowRecord record = record_of(after_handshake(
      {{0, false, kPush, 0, 0, 100}, {300, false, kPush, 0, 0, 100}, {320, true, flags::kAck, 0, 100}}));
  EXPECT_EQ(record.tcp_rtt_min_us, 0U);
  EXPECT_EQ(record.tcp_rtt_us, 0U);
}

TEST(TcpRoundTrips, OfTheHandshakeBeginWithTheLatestSyn) {
  const FlowRecord record = record_of({{0, false, flags::kSyn, 1'000, 0},
                                       {1'000, false, flags::kSyn, 1'000, 0},
                                       {1'030, true, flags::kSynAck, 5'000, 1'001},
                                       {1'031, false, flags::kAck, 1'001, 5'001}});
  EXPECT_EQ(record.tcp_handshake_rtt_us, 31'000U);
  EXPECT_EQ(record.tcp_retransmitted, 1U);
}

TEST(TcpRoundTrips, StayUnknownWhereTheHandshakeWasNotSeen) {
  const FlowRecord record = record_of({{0, false, flags::kAck, 1'000, 7}, {5, true, flags::kAck, 7, 1'000}});
  EXPECT_EQ(record.tcp_handshake_rtt_us, 0U);
  EXPECT_EQ(record.initiator_by, InitiatorBy::kFirstPacket);
}

TEST(TcpConnections, AnotherInitialSequenceNumberBeginsAnotherFlow) {
  MeterUnderTest meter;
  for (const Segment& segment : after_handshake({{0, false, kPush, 0, 0, 100}}))
    meter.meter_digest(digest(segment));
  meter.meter_digest(digest({20, false, flags::kSyn, 1'000, 0}));  // the same SYN once more
  EXPECT_EQ(meter.counters().flows_created.value(), 1U);
  meter.meter_digest(digest({30, false, flags::kSyn, 900'000, 0}));
  EXPECT_EQ(meter.counters().flows_created.value(), 2U);
  meter.flush();
  ASSERT_EQ(meter.records().size(), 2U);
  EXPECT_EQ(meter.records()[0].end_reason, EndReason::kEndOfFlow);
  EXPECT_EQ(meter.records()[0].packets, 4U);
  EXPECT_EQ(meter.records()[1].packets, 1U);
}

TEST(TcpCounters, CloseTheRecordBeforeTheyOverflow) {
  MeterUnderTest meter;
  constexpr std::uint32_t kZeroWindows = 70'000;
  for (std::uint32_t serial = 0; serial < kZeroWindows; ++serial) {
    meter.meter_digest(digest({0, true, flags::kAck, 7, 1'000, 0, 0}));
  }
  meter.flush();
  ASSERT_EQ(meter.records().size(), 2U);
  EXPECT_EQ(meter.records()[0].tcp_zero_windows, 65'535U);
  EXPECT_EQ(meter.records()[0].end_reason, EndReason::kActiveTimeout);
  EXPECT_EQ(meter.records()[0].flow_id, meter.records()[1].flow_id);
  EXPECT_EQ(meter.records()[0].tcp_zero_windows + meter.records()[1].tcp_zero_windows, kZeroWindows);
  EXPECT_EQ(meter.records()[0].packets + meter.records()[1].packets, kZeroWindows);
}

}  // namespace
}  // namespace wireglass
