#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "app/flow_applications.hpp"
#include "capture/capture_backend.hpp"
#include "decode/decoded_packet.hpp"

namespace wireglass {

/// One reading of all counters. What a packet is counted as last is read first, so that the ledger holds in
/// every reading:
///   offered = metered + sum(refused) + not_sampled + digests_lost + dropped_kernel + dropped_interface +
///   packets_in_ring captured = recorded + lost_to_disk + not_recorded_by_policy + packets_buffered
/// When the capture has ended, nothing is in the ring or buffered.
struct PipelineCounters {
  CaptureCounters capture;
  std::uint64_t packets_in_ring = 0;  ///< offered, not metered yet: in the ring, or between two workers
  std::uint64_t captured_packets = 0;
  std::uint64_t captured_bytes = 0;  ///< on the wire (original lengths)
  std::uint64_t metered_packets = 0;
  std::uint64_t metered_ip_bytes = 0;
  std::uint64_t not_sampled = 0;    ///< packets that sampling left out; recorded all the same
  std::uint64_t outer_packets = 0;  ///< of outer flows: packets that are metered by their inner flow as well
  std::uint64_t outer_bytes = 0;    ///< their IP octets from the outermost header on
  std::array<std::uint64_t, kDecodeStatusNames.size()> refused{};  ///< by DecodeStatus; [kOk] stays 0
  std::vector<std::pair<std::string, std::uint64_t>>
      refused_link_types;  ///< of kLinkTypeUnsupported, by name
  /// Metered packets that count for a tunnel's own IP layer because its inside was not followed, by the
  /// reason (DecodeStatus).
  std::array<std::uint64_t, kDecodeStatusNames.size()> unfollowed{};
  std::uint64_t digests_lost = 0;  ///< the owning worker was too far behind; live with several workers only
  std::uint64_t flows_created = 0;
  std::uint64_t flows_live = 0;
  std::uint64_t flows_evicted = 0;
  // Of fragmented datagrams; see FragmentCounters. All of these packets are metered, some without ports.
  std::uint64_t fragments_learned = 0;
  std::uint64_t fragments_resolved = 0;
  std::uint64_t fragments_unresolved = 0;
  std::uint64_t fragments_replaced = 0;
  std::uint64_t fragments_conflicting = 0;
  std::uint64_t records = 0;
  std::uint64_t records_dropped = 0;           ///< the sink's queue was full (live only)
  std::uint64_t interval_reports_dropped = 0;  ///< the same of interval reports
  std::array<std::uint64_t, kEndReasonNames.size()> records_by_reason{};  ///< by EndReason
  std::uint64_t paths_refused = 0;                ///< flows metered without MACs and outer addresses
  std::uint64_t application_strings_refused = 0;  ///< for want of room in the pool
  std::uint64_t application_strings_cut = 0;      ///< longer than 255 bytes
  std::uint64_t classifications = 0;              ///< flows that nDPI named
  std::uint64_t classifications_refused = 0;      ///< flows that it did not see for want of room
  std::array<std::uint64_t, kGiveUpCount> application_gave_up{};  ///< by GiveUp
  std::uint64_t packets_recorded = 0;
  std::uint64_t bytes_recorded = 0;
  std::uint64_t packets_buffered = 0;  ///< captured, not written yet
  std::uint64_t packets_lost_to_disk = 0;
  std::uint64_t packets_not_recorded = 0;  ///< by policy
  std::uint64_t segments_completed = 0;
  std::uint64_t segments_evicted = 0;
  std::string disk_trouble;
  double progress = -1;
};

}  // namespace wireglass
