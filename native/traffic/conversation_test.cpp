#include "traffic/conversation.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "traffic/headers.hpp"

namespace wireglass {
namespace {

std::vector<Segment> play(Conversation conversation) {
  std::vector<Segment> segments;
  do segments.push_back(conversation.step());
  while (!segments.back().last && segments.size() < 1000);
  return segments;
}

Conversation request_and_long_answer() {
  Conversation conversation;
  conversation.mss = 1000;
  conversation.rtt_us = 5'000;
  conversation.add_message(false, 300, 100);
  conversation.add_message(true, 2'500, 10'000);
  return conversation;
}

TEST(Conversation, PlaysTcpFromSynToFin) {
  const auto segments = play(request_and_long_answer());
  std::vector<std::uint8_t> flags;
  flags.reserve(segments.size());
  for (const Segment& segment : segments) flags.push_back(segment.tcp_flags);
  constexpr std::uint8_t kPshAck = kTcpPsh | kTcpAck;
  constexpr std::uint8_t kFinAck = kTcpFin | kTcpAck;
  EXPECT_EQ(flags, (std::vector<std::uint8_t>{kTcpSyn, kTcpSyn | kTcpAck, kTcpAck, kPshAck, kTcpAck, kTcpAck,
                                              kTcpAck, kPshAck, kTcpAck, kFinAck, kFinAck, kTcpAck}));
  EXPECT_EQ(segments[0].wait_us, 5'000U);  // the handshake shows the round trip
}

TEST(Conversation, AcknowledgesExactlyWhatWasSent) {
  std::uint32_t next[2] = {};
  const auto segments = play(request_and_long_answer());
  next[0] = segments[0].seq;
  next[1] = segments[1].seq;
  for (const Segment& segment : segments) {
    const int side = segment.from_server ? 1 : 0;
    EXPECT_EQ(segment.seq, next[side]);
    next[side] += segment.bytes + ((segment.tcp_flags & (kTcpSyn | kTcpFin)) != 0 ? 1 : 0);
    if ((segment.tcp_flags & kTcpAck) != 0) {
      EXPECT_EQ(segment.ack, next[1 - side]);
    }
  }
}

TEST(Conversation, KeepsOpenForAWhileBeforeItsFin) {
  Conversation conversation = request_and_long_answer();
  const auto at_once = play(conversation);
  conversation.linger_us = 5'000'000;
  const auto later = play(conversation);
  ASSERT_EQ(at_once.size(), later.size());
  for (std::size_t at = 0; at < later.size(); ++at) {
    const bool before_fin = at + 1 < later.size() && later[at + 1].tcp_flags == (kTcpFin | kTcpAck);
    const bool from_client_next = before_fin && !later[at + 1].from_server;
    EXPECT_EQ(later[at].wait_us - at_once[at].wait_us, from_client_next ? 5'000'000U : 0U) << at;
  }
}

TEST(Conversation, EndsWithResetWhereItShould) {
  Conversation conversation = request_and_long_answer();
  conversation.resets = true;
  const auto segments = play(conversation);
  EXPECT_EQ(segments.back().tcp_flags, kTcpRst | kTcpAck);
  EXPECT_FALSE(segments.back().from_server);
}

TEST(Conversation, CountsItsPacketsBeforehand) {
  Conversation conversation = request_and_long_answer();
  EXPECT_EQ(conversation.packets_left(), play(conversation).size());
  conversation.step();
  EXPECT_EQ(conversation.packets_left(), play(conversation).size());
}

TEST(Conversation, SendsDatagramsAsTheyAre) {
  Conversation conversation = request_and_long_answer();
  conversation.transport = Transport::kUdp;
  const auto segments = play(conversation);
  ASSERT_EQ(segments.size(), 2U);
  EXPECT_EQ(segments[0].wait_us, 10'000U);
  EXPECT_EQ(segments[1].bytes, 2'500U);
  EXPECT_TRUE(segments[1].from_server);
}

}  // namespace
}  // namespace wireglass
