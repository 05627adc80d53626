#include "traffic/conversation.hpp"

#include <algorithm>

#include "traffic/headers.hpp"
#include "traffic/random.hpp"

namespace wireglass {
namespace {

constexpr std::uint8_t kAckEverySegments = 2;
/// A receiver waits this long for data of its own that an acknowledgement can ride on (RFC 9293
/// section 3.8.6.3 allows up to 500 ms).
constexpr std::uint32_t kDelayedAckUs = 40'000;
constexpr std::uint32_t kTurnaroundUs = 40;
constexpr std::uint32_t kSegmentGapUs = 15;

}  // namespace

std::uint32_t Conversation::answer_us(bool server_answers) const {
  return server_answers ? rtt_us : kTurnaroundUs;
}

Segment Conversation::step() {
  if (packets_made_ == 0) {
    client_seq_ = static_cast<std::uint32_t>(mix_bits(seed ^ 0xc11e));
    server_seq_ = static_cast<std::uint32_t>(mix_bits(seed ^ 0x5e12));
  }
  ++packets_made_;
  return transport == Transport::kTcp ? tcp_step() : datagram_step();
}

std::uint32_t Conversation::packets_left() const {
  Conversation copy = *this;
  std::uint32_t count = 1;
  while (!copy.step().last) ++count;
  return count;
}

Segment Conversation::datagram_step() {
  Segment segment;
  segment.message = message_;
  segment.bytes = messages[message_].bytes;
  segment.from_server = messages[message_].from_server;
  ++message_;
  segment.last = message_ == message_count;
  if (!segment.last) segment.wait_us = messages[message_].gap_us;
  return segment;
}

Segment Conversation::tcp_step() {
  Segment segment;
  segment.tcp_flags = kTcpAck;
  switch (phase_) {
    case Phase::kSyn:
      segment.tcp_flags = kTcpSyn;
      segment.seq = client_seq_++;
      segment.wait_us = answer_us(true);
      phase_ = Phase::kSynAck;
      return segment;
    case Phase::kSynAck:
      segment.tcp_flags = kTcpSyn | kTcpAck;
      segment.from_server = true;
      segment.seq = server_seq_++;
      segment.wait_us = answer_us(false);
      phase_ = Phase::kHandshakeAck;
      break;
    case Phase::kHandshakeAck:
      segment.seq = client_seq_;
      segment.wait_us = messages[0].gap_us;
      phase_ = Phase::kData;
      break;
    case Phase::kData:
      send_data(segment);
      break;
    case Phase::kAck:
      segment.from_server = !messages[message_].from_server;
      segment.seq = segment.from_server ? server_seq_ : client_seq_;
      if (offset_ == messages[message_].bytes) {
        next_message(segment);
      } else {
        segment.wait_us = kSegmentGapUs;
        phase_ = Phase::kData;
      }
      break;
    case Phase::kFin:
      segment.seq = client_seq_++;
      segment.last = resets;
      segment.tcp_flags = resets ? kTcpRst | kTcpAck : kTcpFin | kTcpAck;
      segment.wait_us = answer_us(true);
      phase_ = Phase::kPeerFin;
      break;
    case Phase::kPeerFin:
      segment.from_server = true;
      segment.tcp_flags = kTcpFin | kTcpAck;
      segment.seq = server_seq_++;
      segment.wait_us = answer_us(false);
      phase_ = Phase::kLastAck;
      break;
    case Phase::kLastAck:
      segment.seq = client_seq_;
      segment.last = true;
      break;
  }
  segment.ack = segment.from_server ? client_seq_ : server_seq_;
  return segment;
}

void Conversation::send_data(Segment& segment) {
  const Message& message = messages[message_];
  segment.from_server = message.from_server;
  segment.message = message_;
  segment.offset = offset_;
  segment.bytes = std::min(mss, message.bytes - offset_);
  std::uint32_t& seq = message.from_server ? server_seq_ : client_seq_;
  segment.seq = seq;
  seq += segment.bytes;
  offset_ += segment.bytes;
  const bool message_ended = offset_ == message.bytes;
  if (message_ended) segment.tcp_flags |= kTcpPsh;
  after_data(segment, message_ended);
}

void Conversation::after_data(Segment& segment, bool message_ended) {
  ++unacknowledged_;
  const bool answered_soon = message_ended && message_ + 1 < message_count &&
                             messages[message_ + 1].from_server != segment.from_server &&
                             messages[message_ + 1].gap_us < kDelayedAckUs;
  if (answered_soon) {
    next_message(segment);
  } else if (message_ended || unacknowledged_ >= kAckEverySegments) {
    unacknowledged_ = 0;
    segment.wait_us = answer_us(!segment.from_server);
    phase_ = Phase::kAck;
  } else {
    segment.wait_us = kSegmentGapUs;
  }
}

void Conversation::next_message(Segment& segment) {
  ++message_;
  offset_ = 0;
  unacknowledged_ = 0;
  if (message_ == message_count) {
    segment.wait_us = kTurnaroundUs + linger_us;
    phase_ = Phase::kFin;
  } else {
    segment.wait_us = messages[message_].gap_us;
    phase_ = Phase::kData;
  }
}

}  // namespace wireglass
