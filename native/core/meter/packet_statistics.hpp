#pragma once

#include <algorithm>
#include <cstdint>

#include "meter/flow_entry.hpp"
#include "meter/packet_digest.hpp"

namespace wireglass {

/// Widens the ranges of a direction that has packets already. Header fields seldom differ within one.
inline void widen(DirectionRanges& ranges, std::uint16_t bytes, const PacketDigest& digest) {
  if (bytes < ranges.bytes_min) ranges.bytes_min = bytes;
  if (bytes > ranges.bytes_max) ranges.bytes_max = bytes;
  const bool differs = ((digest.ttl ^ ranges.ttl_min) | (digest.ttl ^ ranges.ttl_max) |
                        (digest.dscp ^ ranges.dscp_min) | (digest.dscp ^ ranges.dscp_max)) != 0;
  if (!differs) [[likely]]
    return;
  ranges.ttl_min = std::min(ranges.ttl_min, digest.ttl);
  ranges.ttl_max = std::max(ranges.ttl_max, digest.ttl);
  ranges.dscp_min = std::min(ranges.dscp_min, digest.dscp);
  ranges.dscp_max = std::max(ranges.dscp_max, digest.dscp);
}

/// Notes the gap before a direction's second or later packet. A packet that is out of order makes a gap of 0
/// and leaves the latest time as it is.
inline void note_gap(DirectionCounters& direction, FlowTrack& track, unsigned side, std::uint32_t now_us,
                     bool is_latest) {
  // The flow's latest packet cannot lie before its direction's; of others only the sign of a small distance
  // tells.
  const std::uint32_t distance_us = now_us - direction.last_us;
  const bool is_behind = !is_latest && static_cast<std::int32_t>(distance_us) < 0;
  const std::uint32_t gap_us = is_behind ? 0 : distance_us;
  if (direction.packets == 1) {
    track.first_us[side] = is_behind ? now_us : direction.last_us;
    track.gap_min_us[side] = gap_us;
    track.gap_max_us[side] = gap_us;
  } else {
    if (is_behind && static_cast<std::int32_t>(now_us - track.first_us[side]) < 0)
      track.first_us[side] = now_us;
    track.gap_min_us[side] = std::min(track.gap_min_us[side], gap_us);
    track.gap_max_us[side] = std::max(track.gap_max_us[side], gap_us);
  }
  if (!is_behind) direction.last_us = now_us;
}

/// Counts a packet in its direction of the open record, whose times must still be those before it.
inline void count_packet(FlowEntry& entry, FlowTrack& track, const PacketDigest& digest, unsigned side,
                         std::uint32_t now_us) {
  DirectionCounters& direction = entry.directions[side];
  DirectionRanges& ranges = entry.ranges[side];
  const auto bytes = static_cast<std::uint16_t>(std::min<std::uint32_t>(digest.ip_bytes, UINT16_MAX));
  if (direction.packets == 0) {
    direction.last_us = now_us;
    ranges = {bytes, bytes, digest.ttl, digest.dscp, digest.ttl, digest.dscp};
  } else {
    widen(ranges, bytes, digest);
    note_gap(direction, track, side, now_us, digest.timestamp_ns >= entry.end_ns);
  }
  direction.bytes += digest.ip_bytes;
  if (++direction.packets == UINT32_MAX) entry.set(flow_state::kRecordFull);
}

}  // namespace wireglass
