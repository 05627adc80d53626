#include "meter/tcp_analysis.hpp"

namespace wireglass::tcp_analysis {
namespace {

/// A segment that does not advance is out of order if it comes within the handshake's round trip, or this
/// long where that is unknown, of the one before: too early for a retransmission.
constexpr std::uint32_t kReorderingUs = 3'000;

bool is_out_of_order(const FlowEntry& entry, const FlowTrack& track, const FlowExtra& extra,
                     const PacketDigest& segment, std::uint32_t sequence_end, unsigned side,
                     std::uint32_t now_us) {
  const unsigned other = side ^ 1;
  // Who resends goes on with it for a while.
  if (entry.has(flow_state::kResending << side)) return false;
  const bool is_asked_for =
      entry.has(flow_state::kDuplicateAck << other) && track.acknowledgment[other] == segment.tcp_sequence;
  if (is_asked_for || sequence_end == track.next_sequence[side]) return false;
  const std::uint32_t reordering_us = extra.handshake_rtt_us != 0 ? extra.handshake_rtt_us : kReorderingUs;
  return now_us - entry.directions[side].last_us < reordering_us;
}

/// The initiator's first acknowledgement ends the handshake, which began with its latest SYN.
void note_handshake(const FlowEntry& entry, FlowExtra& extra, const PacketDigest& segment, unsigned side,
                    std::uint32_t now_us) {
  const bool ends_handshake = side == 0 &&
                              (segment.tcp_flags & (tcp_flag::kSyn | tcp_flag::kAck)) == tcp_flag::kAck &&
                              (entry.tcp_flags[0] & (tcp_flag::kSyn | tcp_flag::kAck)) == tcp_flag::kSyn &&
                              tcp_flag::is_syn_ack(entry.tcp_flags[1]);
  if (ends_handshake) extra.handshake_rtt_us = std::max(now_us - entry.directions[0].last_us, 1U);
}

}  // namespace

void follow_unusual(FlowEntry& entry, FlowTrack& track, FlowExtra& extra, const PacketDigest& segment,
                    unsigned side, std::uint32_t now_us) {
  const bool is_control = (segment.tcp_flags & kControl) != 0;
  const bool is_reset = (segment.tcp_flags & tcp_flag::kRst) != 0;
  const std::uint32_t octets = segment.payload_bytes +
                               static_cast<std::uint32_t>((segment.tcp_flags & tcp_flag::kSyn) != 0) +
                               static_cast<std::uint32_t>((segment.tcp_flags & tcp_flag::kFin) != 0);
  const std::uint32_t sequence_end = segment.tcp_sequence + octets;
  note_handshake(entry, extra, segment, side, now_us);
  if (segment.tcp_window == 0 && !is_control) count(track.zero_windows, side, entry);

  const bool is_known = entry.has(flow_state::kSequenceKnown << side);
  const std::int32_t ahead = distance(segment.tcp_sequence, track.next_sequence[side]);
  const bool is_keep_alive = is_known && ahead == -1 && segment.payload_bytes <= 1 && !is_control;
  entry.assign(flow_state::kKeepAlive << side, is_keep_alive);
  if (is_known && ahead == 0 && octets == 0 && !is_control && segment.tcp_window != 0) {
    note_repeated_acknowledgment(entry, track, segment, side);
  }
  // After an answered zero window probe of one octet the sender goes on from there: nothing was lost.
  const bool goes_on_from_probe = ahead == -1 && segment.payload_bytes > 1;
  if (is_known && ahead < 0 && octets > 0 && !is_keep_alive && !goes_on_from_probe) {
    // Which transmission an acknowledgement answers is unknown from here on (Karn's algorithm).
    if (entry.has(flow_state::kRoundTripReverse) == (side == 1)) entry.clear(flow_state::kRoundTrip);
    const bool reordered = is_out_of_order(entry, track, extra, segment, sequence_end, side, now_us);
    count(reordered ? track.out_of_order : track.retransmitted, side, entry);
    if (!reordered) entry.set(flow_state::kResending << side);
  }
  if (is_known && (is_reset || distance(sequence_end, track.next_sequence[side]) <= 0)) return;
  track.next_sequence[side] = sequence_end;
  entry.clear(flow_state::kResending << side);
  entry.set(flow_state::kSequenceKnown << side);
  if (segment.payload_bytes > 0) begin_round_trip(entry, extra, sequence_end, side, now_us);
}

}  // namespace wireglass::tcp_analysis
