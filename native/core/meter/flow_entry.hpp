#pragma once

#include <array>
#include <cstdint>

#include "base/time.hpp"
#include "meter/flow_key.hpp"

namespace wireglass {

/// Number of an entry in the flow table.
using EntryNumber = std::uint32_t;
inline constexpr EntryNumber kNoEntry = 0xffff'ffff;

/// Microseconds of a time stamp, modulo 2^32 (71 minutes): what a direction needs for gaps and round trips.
inline std::uint32_t wrapping_us(TimeNs time) {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(time) / 1'000);
}

/// What one direction of the open record has counted.
struct DirectionCounters {
  std::uint64_t bytes = 0;
  std::uint32_t packets = 0;
  std::uint32_t last_us = 0;  ///< wrapping_us of the latest packet; valid when packets is not 0
};

/// Sizes and header fields of one direction in the open record; valid when it has packets.
struct DirectionRanges {
  std::uint16_t bytes_min = 0;
  std::uint16_t bytes_max = 0;
  std::uint8_t ttl_min = 0;
  std::uint8_t dscp_min = 0;
  std::uint8_t ttl_max = 0;
  std::uint8_t dscp_max = 0;
};

/// Bits of FlowEntry::state. Those of a direction stand side by side, forward first.
namespace flow_state {
inline constexpr std::uint32_t kLive = 1 << 0;          ///< the entry holds a flow
inline constexpr std::uint32_t kRecordClosed = 1 << 1;  ///< the next packet opens the flow's next record
inline constexpr std::uint32_t kForwardFromB = 1 << 2;  ///< the initiator is endpoint b
inline constexpr std::uint32_t kToldBySyn = 1 << 3;     ///< who initiated, by a SYN without ACK
inline constexpr std::uint32_t kToldBySynAck = 1 << 4;  ///< who initiated, by a SYN with ACK
inline constexpr std::uint32_t kFinForward = 1 << 5;
inline constexpr std::uint32_t kFinReverse = 1 << 6;
inline constexpr std::uint32_t kFinBoth = kFinForward | kFinReverse;
inline constexpr std::uint32_t kEnded = 1 << 7;    ///< the TCP connection is over, the flow lingers
inline constexpr std::uint32_t kTouched = 1 << 8;  ///< a packet came since the wheel last placed the entry
inline constexpr std::uint32_t kSequenceKnown = 1 << 9;  ///< and << 1: the direction's next sequence
inline constexpr std::uint32_t kKeepAlive = 1 << 11;     ///< and << 1: its last segment was a keep-alive
inline constexpr std::uint32_t kDuplicateAck = 1 << 13;  ///< and << 1: its last acknowledgement was repeated
inline constexpr std::uint32_t kRoundTrip = 1 << 15;     ///< data waits for its acknowledgement
inline constexpr std::uint32_t kRoundTripReverse = 1 << 16;  ///< which the responder sent
/// Outer addresses and MACs are those of a reverse packet, turned round, until a forward one comes.
inline constexpr std::uint32_t kPathReversed = 1 << 17;
/// A counter of the open record has no room for one more.
inline constexpr std::uint32_t kRecordFull = 1 << 18;
/// The open record's SegmentRange is valid.
inline constexpr std::uint32_t kRecorded = 1 << 19;
inline constexpr std::uint32_t kResending =
    1 << 20;  ///< and << 1: octets were sent again since the last new ones
}  // namespace flow_state

/// What every packet of a flow reads or writes: two cache lines that the prefetcher fetches as a pair.
struct alignas(128) FlowEntry {
  FlowKey key;
  TimeNs start_ns;  ///< of the open record
  TimeNs end_ns;    ///< of the open record; of the flow while the record is closed
  std::array<DirectionCounters, 2> directions;  ///< [0] forward, [1] reverse
  std::array<DirectionRanges, 2> ranges;        ///< as directions
  std::uint32_t tag;    ///< of the flow's index slot; in a free entry the number of the next free one
  std::uint32_t state;  ///< flow_state bits; 0 in a free entry
  std::array<std::uint8_t, 2> tcp_flags;  ///< as directions
  std::uint16_t ingress_interface;
  std::uint32_t interval_slot;  ///< where the open interval counts the flow, see IntervalMeter

  bool has(std::uint32_t bits) const { return (state & bits) == bits; }
  bool has_any(std::uint32_t bits) const { return (state & bits) != 0; }
  void set(std::uint32_t bits) { state |= bits; }
  void clear(std::uint32_t bits) { state &= ~bits; }
  void assign(std::uint32_t bits, bool on) { state = on ? state | bits : state & ~bits; }
};
static_assert(sizeof(FlowEntry) == 128, "two cache lines");

/// Gaps between packets, where TCP stands in each direction and what was noticed of it in the open record: a
/// third cache line, touched from a direction's second packet on and by every TCP segment. Arrays as
/// FlowEntry::directions.
struct alignas(64) FlowTrack {
  std::array<std::uint32_t, 2> first_us;  ///< earliest packet of the open record, wrapping_us
  std::array<std::uint32_t, 2> gap_min_us;
  std::array<std::uint32_t, 2> gap_max_us;
  std::array<std::uint32_t, 2> next_sequence;   ///< one beyond the highest octet seen
  std::array<std::uint32_t, 2> acknowledgment;  ///< of the last segment
  std::array<std::uint16_t, 2> window;          ///< of the last segment
  // A record is closed before one of these overflows.
  std::array<std::uint16_t, 2> retransmitted;
  std::array<std::uint16_t, 2> out_of_order;
  std::array<std::uint16_t, 2> duplicate_acks;
  std::array<std::uint16_t, 2> zero_windows;
  std::uint16_t path;  ///< in PathTable
};
static_assert(sizeof(FlowTrack) == 64, "one cache line");

/// Round trips of the data that one direction sent, in the open record.
struct RoundTrips {
  std::uint32_t min_us;       ///< 0: none yet
  std::uint32_t smoothed_us;  ///< as RFC 6298 section 2 smooths
};

/// What the packets of many flows need, half a cache line at the same number in an array of its own.
struct alignas(32) FlowExtra {
  union {
    std::uint32_t handshake_rtt_us;  ///< key.protocol is TCP; 0: unknown
    std::uint32_t icmp_type_code;    ///< key.protocol is ICMP or ICMPv6
  };
  std::uint32_t application;       ///< reference of FlowApplications
  std::uint32_t waiting_sequence;  ///< acknowledged once this is; valid with kRoundTrip
  std::uint32_t waiting_since_us;
  std::array<RoundTrips, 2> round_trips;  ///< as FlowEntry::directions
};
static_assert(sizeof(FlowExtra) == 32);

/// What the beginning and the end of a record need. Four octets at a time, since eight would pad it.
struct FlowIdentity {
  std::uint32_t flow_id_low;
  std::uint32_t flow_id_high;
  std::uint32_t record_index;

  std::uint64_t flow_id() const { return std::uint64_t{flow_id_high} << 32 | flow_id_low; }
  void set_flow_id(std::uint64_t id) {
    flow_id_low = static_cast<std::uint32_t>(id);
    flow_id_high = static_cast<std::uint32_t>(id >> 32);
  }
};
static_assert(sizeof(FlowIdentity) == 12);

/// Segments that record the open record's packets, valid with kRecorded; an array that only recording
/// touches.
struct SegmentRange {
  std::uint32_t first;
  std::uint32_t last;
};

/// Identifiers of a tunnel that has one per direction; an array that only flows in such tunnels touch.
struct TunnelEndpoints {
  std::array<std::uint32_t, 2> teid;  ///< as directions
};

}  // namespace wireglass
