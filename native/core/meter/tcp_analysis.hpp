#pragma once

#include <algorithm>
#include <cstdint>

#include "meter/flow_entry.hpp"
#include "meter/packet_digest.hpp"
#include "meter/tcp_flags.hpp"

/// Follows both directions of a TCP connection by its headers alone (RFC 9293, RFC 5681, RFC 6298): what was
/// sent again, came out of order, was acknowledged twice, how long acknowledgements took. An observer between
/// the ends cannot know which of these happened; the rules are those by which Wireshark tells them apart, so
/// that both agree on a capture.
namespace wireglass::tcp_analysis {

inline constexpr std::uint8_t kControl = tcp_flag::kSyn | tcp_flag::kFin | tcp_flag::kRst;

/// Serial number arithmetic (RFC 1982): negative where `left` comes before `right`.
inline std::int32_t distance(std::uint32_t left, std::uint32_t right) {
  return static_cast<std::int32_t>(left - right);
}

inline void count(std::array<std::uint16_t, 2>& counters, unsigned side, FlowEntry& entry) {
  if (++counters[side] == UINT16_MAX) entry.set(flow_state::kRecordFull);
}

/// Takes the time until the data that waits was acknowledged, if this segment of `side` does so.
inline void note_round_trip(FlowEntry& entry, FlowExtra& extra, const PacketDigest& segment, unsigned side,
                            std::uint32_t now_us) {
  const unsigned sender = entry.has(flow_state::kRoundTripReverse) ? 1 : 0;
  if (sender == side || distance(segment.tcp_acknowledgment, extra.waiting_sequence) < 0) return;
  entry.clear(flow_state::kRoundTrip);
  const std::uint32_t sample_us = std::max(now_us - extra.waiting_since_us, 1U);
  RoundTrips& trips = extra.round_trips[sender];
  if (trips.min_us == 0) {
    trips = {sample_us, sample_us};
    return;
  }
  trips.min_us = std::min(trips.min_us, sample_us);
  // 1/8 as in RFC 6298 section 2.3, in whole microseconds.
  trips.smoothed_us += static_cast<std::uint32_t>(distance(sample_us, trips.smoothed_us) / 8);
}

/// Data that ends at `sequence_end` advanced its direction: it waits for its acknowledgement unless other
/// data does.
inline void begin_round_trip(FlowEntry& entry, FlowExtra& extra, std::uint32_t sequence_end, unsigned side,
                             std::uint32_t now_us) {
  if (entry.has(flow_state::kRoundTrip)) return;
  entry.set(flow_state::kRoundTrip);
  entry.assign(flow_state::kRoundTripReverse, side == 1);
  extra.waiting_sequence = sequence_end;
  extra.waiting_since_us = now_us;
}

/// RFC 5681 section 2, with the answer to a keep-alive left out; for a segment without octets or control bits
/// whose window is not 0 and whose sequence number is the next one.
inline void note_repeated_acknowledgment(FlowEntry& entry, FlowTrack& track, const PacketDigest& segment,
                                         unsigned side) {
  const bool is_duplicate = segment.tcp_acknowledgment == track.acknowledgment[side] &&
                            segment.tcp_window == track.window[side] &&
                            !entry.has(flow_state::kKeepAlive << (side ^ 1));
  if (!is_duplicate) return;
  count(track.duplicate_acks, side, entry);
  entry.set(flow_state::kDuplicateAck << side);
}

/// Any segment but the usual one: control bits, a closed window, octets that are not the next ones.
void follow_unusual(FlowEntry& entry, FlowTrack& track, FlowExtra& extra, const PacketDigest& segment,
                    unsigned side, std::uint32_t now_us);

/// `side` is 0 for a segment of the initiator, 1 of the responder. Called before the segment is counted in
/// `entry`.
inline void follow(FlowEntry& entry, FlowTrack& track, FlowExtra& extra, const PacketDigest& segment,
                   unsigned side, std::uint32_t now_us) {
  if (entry.has(flow_state::kRoundTrip)) note_round_trip(entry, extra, segment, side, now_us);
  const bool awaits_end_of_handshake =
      (entry.tcp_flags[0] & (tcp_flag::kSyn | tcp_flag::kAck)) == tcp_flag::kSyn;
  const bool is_usual = segment.tcp_sequence == track.next_sequence[side] && segment.tcp_window != 0 &&
                        (segment.tcp_flags & kControl) == 0 && !awaits_end_of_handshake &&
                        entry.has(flow_state::kSequenceKnown << side);
  if (is_usual) [[likely]] {
    entry.clear(flow_state::kKeepAlive << side);
    if (segment.payload_bytes > 0) {
      entry.clear(flow_state::kResending << side);
      track.next_sequence[side] += segment.payload_bytes;
      begin_round_trip(entry, extra, track.next_sequence[side], side, now_us);
    } else {
      note_repeated_acknowledgment(entry, track, segment, side);
    }
  } else {
    follow_unusual(entry, track, extra, segment, side, now_us);
  }
  if (segment.tcp_acknowledgment != track.acknowledgment[side]) {
    entry.clear(flow_state::kDuplicateAck << side);
    track.acknowledgment[side] = segment.tcp_acknowledgment;
  }
  track.window[side] = segment.tcp_window;
}

}  // namespace wireglass::tcp_analysis
