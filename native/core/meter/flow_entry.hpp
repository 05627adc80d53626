#pragma once

#include <array>
#include <cstdint>

#include "base/time.hpp"
#include "meter/flow_key.hpp"
#include "packet/ip_address.hpp"

namespace wireglass {

/// Number of an entry in the flow table.
using EntryNumber = std::uint32_t;
inline constexpr EntryNumber kNoEntry = 0xffff'ffff;

/// What one direction of the open record has counted.
struct DirectionCounters {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
};

/// Bits of FlowEntry::state.
namespace flow_state {
inline constexpr std::uint8_t kLive = 1 << 0;  ///< the entry holds a flow
inline constexpr std::uint8_t kRecordClosed =
    1 << 1;  ///< the flow waits for the packet that opens its next record
inline constexpr std::uint8_t kForwardFromB = 1 << 2;   ///< the initiator is endpoint b
inline constexpr std::uint8_t kInitiatorTold = 1 << 3;  ///< by a SYN, so biflow_direction is initiator
inline constexpr std::uint8_t kFinForward = 1 << 4;
inline constexpr std::uint8_t kFinReverse = 1 << 5;
inline constexpr std::uint8_t kEnded =
    1 << 6;  ///< the TCP connection is over, the flow lingers for what trails it
inline constexpr std::uint8_t kTouched = 1 << 7;  ///< a packet came since the wheel last placed the entry
inline constexpr std::uint8_t kFinBoth = kFinForward | kFinReverse;
}  // namespace flow_state

/// What every packet of a flow reads or writes: two cache lines that the prefetcher fetches as a pair.
struct alignas(128) FlowEntry {
  FlowKey key;
  TimeNs start_ns;  ///< of the open record
  TimeNs end_ns;    ///< of the open record; of the flow while the record is closed
  std::array<DirectionCounters, 2> directions;  ///< [0] forward, [1] reverse
  std::uint64_t flow_id;
  std::uint64_t last_segment;
  std::uint32_t tag;  ///< of the flow's index slot; in a free entry the number of the next free one
  std::uint32_t record_index;
  std::uint32_t ingress_interface;
  std::array<std::uint8_t, 2> tcp_flags;  ///< as directions
  std::uint8_t state;                     ///< flow_state bits; 0 in a free entry
  bool outer_reversed;  ///< the outer addresses are those of a reverse packet, turned round, until a forward
                        ///< one comes

  bool has(std::uint8_t bits) const { return (state & bits) == bits; }
  bool has_any(std::uint8_t bits) const { return (state & bits) != 0; }
  void set(std::uint8_t bits) { state = static_cast<std::uint8_t>(state | bits); }
  void clear(std::uint8_t bits) { state = static_cast<std::uint8_t>(state & ~bits); }
};
static_assert(sizeof(FlowEntry) == 128, "two cache lines");

/// What few packets need, at the same number in an array of its own. Each part is valid only under the
/// condition beside it, so that a plain flow never touches this memory.
struct FlowEntryExtra {
  IpAddress outer_src;           ///< key.overlay is not kNone
  IpAddress outer_dst;           ///< key.overlay is not kNone
  std::uint64_t first_segment;   ///< last_segment is not 0
  std::uint16_t icmp_type_code;  ///< key.protocol is ICMP or ICMPv6
};
static_assert(sizeof(FlowEntryExtra) == 48);

}  // namespace wireglass
