#pragma once

#include <algorithm>
#include <cstdint>

#include "meter/flow_entry.hpp"
#include "meter/packet_digest.hpp"
#include "meter/tcp_flags.hpp"

namespace wireglass {

/// Follows both directions of a TCP connection by its headers alone (RFC 9293, RFC 5681, RFC 6298): what was
/// sent again, came out of order, was acknowledged twice, how long acknowledgements took. An observer between
/// the ends cannot know which of these happened; the rules are those by which Wireshark tells them apart, so
/// that both agree on a capture.
class TcpAnalysis {
 public:
  /// `side` is 0 for a segment of the initiator, 1 of the responder. Called before the segment is counted in
  /// `entry`.
  TcpAnalysis(FlowEntry& entry, FlowTrack& track, FlowExtra& extra, const PacketDigest& segment,
              unsigned side, std::uint32_t now_us)
      : entry_(entry),
        track_(track),
        extra_(extra),
        segment_(segment),
        side_(side),
        other_(side ^ 1),
        now_us_(now_us),
        syn_((segment.tcp_flags & tcp_flag::kSyn) != 0),
        ack_((segment.tcp_flags & tcp_flag::kAck) != 0),
        rst_((segment.tcp_flags & tcp_flag::kRst) != 0),
        fin_((segment.tcp_flags & tcp_flag::kFin) != 0) {}

  void follow() {
    if (ack_) {
      note_handshake();
      note_round_trip();
    }
    if (segment_.tcp_window == 0 && !is_control()) count(track_.zero_windows);
    note_order();
    if (segment_.tcp_acknowledgment != track_.acknowledgment[side_])
      entry_.clear(flow_state::kDuplicateAck << side_);
    track_.acknowledgment[side_] = segment_.tcp_acknowledgment;
    track_.window[side_] = segment_.tcp_window;
  }

 private:
  /// A segment that does not advance is out of order if it comes within the handshake's round trip, or this
  /// long where that is unknown, of the one before: too early for a retransmission.
  static constexpr std::uint32_t kReorderingUs = 3'000;

  bool is_control() const { return syn_ || fin_ || rst_; }
  std::uint32_t octets() const {
    return segment_.payload_bytes + static_cast<std::uint32_t>(syn_) + static_cast<std::uint32_t>(fin_);
  }
  std::uint32_t sequence_end() const { return segment_.tcp_sequence + octets(); }

  /// Serial number arithmetic (RFC 1982): negative where `left` comes before `right`.
  static std::int32_t distance(std::uint32_t left, std::uint32_t right) {
    return static_cast<std::int32_t>(left - right);
  }

  void count(std::array<std::uint16_t, 2>& counters) {
    if (++counters[side_] == UINT16_MAX) entry_.set(flow_state::kRecordFull);
  }

  /// The initiator's first acknowledgement ends the handshake, which began with its latest SYN.
  void note_handshake() {
    if (side_ != 0 || syn_ || (entry_.tcp_flags[0] & (tcp_flag::kSyn | tcp_flag::kAck)) != tcp_flag::kSyn ||
        !tcp_flag::is_syn_ack(entry_.tcp_flags[1])) {
      return;
    }
    extra_.handshake_rtt_us = std::max(now_us_ - entry_.directions[0].last_us, 1U);
  }

  void note_round_trip() {
    const bool waits_for_this = entry_.has(flow_state::kRoundTrip) &&
                                entry_.has(flow_state::kRoundTripReverse) == (other_ == 1) &&
                                distance(segment_.tcp_acknowledgment, extra_.waiting_sequence) >= 0;
    if (!waits_for_this) return;
    entry_.clear(flow_state::kRoundTrip);
    const std::uint32_t sample_us = std::max(now_us_ - extra_.waiting_since_us, 1U);
    RoundTrips& trips = extra_.round_trips[other_];
    if (trips.min_us == 0) {
      trips = {sample_us, sample_us};
    } else {
      trips.min_us = std::min(trips.min_us, sample_us);
      // 1/8 as in RFC 6298 section 2.3, in whole microseconds.
      trips.smoothed_us += static_cast<std::uint32_t>(distance(sample_us, trips.smoothed_us) / 8);
    }
  }

  void note_order() {
    const bool is_known = entry_.has(flow_state::kSequenceKnown << side_);
    const std::int32_t ahead = distance(segment_.tcp_sequence, track_.next_sequence[side_]);
    bool is_keep_alive = false;
    if (is_known && ahead <= 0) {
      is_keep_alive = ahead == -1 && segment_.payload_bytes <= 1 && !is_control();
      if (ahead == 0 && octets() == 0) {
        note_repeated_acknowledgment();
      } else if (ahead < 0 && octets() > 0 && !is_keep_alive) {
        note_repeated_octets(ahead);
      }
    }
    entry_.assign(flow_state::kKeepAlive << side_, is_keep_alive);
    if (!is_known || (distance(sequence_end(), track_.next_sequence[side_]) > 0 && !rst_)) advance();
  }

  void advance() {
    track_.next_sequence[side_] = sequence_end();
    entry_.set(flow_state::kSequenceKnown << side_);
    if (segment_.payload_bytes == 0 || entry_.has(flow_state::kRoundTrip)) return;
    entry_.set(flow_state::kRoundTrip);
    entry_.assign(flow_state::kRoundTripReverse, side_ == 1);
    extra_.waiting_sequence = sequence_end();
    extra_.waiting_since_us = now_us_;
  }

  /// RFC 5681 section 2, with the answer to a keep-alive left out.
  void note_repeated_acknowledgment() {
    const bool is_duplicate = !rst_ && segment_.tcp_window != 0 &&
                              segment_.tcp_window == track_.window[side_] &&
                              segment_.tcp_acknowledgment == track_.acknowledgment[side_] &&
                              !entry_.has(flow_state::kKeepAlive << other_);
    if (!is_duplicate) return;
    count(track_.duplicate_acks);
    entry_.set(flow_state::kDuplicateAck << side_);
  }

  void note_repeated_octets(std::int32_t ahead) {
    // A zero window probe of one octet was answered, and the sender goes on from there.
    if (ahead == -1 && segment_.payload_bytes > 1) return;
    // Which transmission an acknowledgement answers is unknown from here on (Karn's algorithm).
    if (entry_.has(flow_state::kRoundTripReverse) == (side_ == 1)) entry_.clear(flow_state::kRoundTrip);
    count(is_out_of_order() ? track_.out_of_order : track_.retransmitted);
  }

  bool is_out_of_order() const {
    const std::uint32_t answered = track_.acknowledgment[other_];
    const bool is_asked_for =
        entry_.has(flow_state::kDuplicateAck << other_) && answered == segment_.tcp_sequence;
    if (is_asked_for || sequence_end() == track_.next_sequence[side_]) return false;
    const std::uint32_t reordering_us =
        extra_.handshake_rtt_us != 0 ? extra_.handshake_rtt_us : kReorderingUs;
    return now_us_ - entry_.directions[side_].last_us < reordering_us;
  }

  FlowEntry& entry_;
  FlowTrack& track_;
  FlowExtra& extra_;
  const PacketDigest& segment_;
  unsigned side_;
  unsigned other_;
  std::uint32_t now_us_;
  bool syn_;
  bool ack_;
  bool rst_;
  bool fin_;
};

}  // namespace wireglass
