#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/counter.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "packet/interface_info.hpp"
#include "packet/packet_view.hpp"

namespace wireglass {

struct SegmentConfig {
  std::string directory;
  std::uint32_t sensor = 0;
  std::uint64_t max_segment_bytes = 64ull << 20;
  TimeNs max_segment_age_ns = 60 * kSecondNs;  ///< by the packets' arrival, not their time stamps
  std::uint64_t max_total_bytes = 1ull << 30;  ///< completed segments beyond it are evicted, oldest first
};

/// appended = packets_recorded + packets_lost_to_disk + packets_buffered, after each call.
struct SegmentCounters {
  Counter packets_recorded;      ///< handed to the system
  Counter bytes_recorded;        ///< captured bytes of those
  Counter packets_buffered;      ///< appended, but not written yet; 0 after close()
  Counter packets_lost_to_disk;  ///< a write failed (disk full, I/O error)
  Counter segments_completed;
  Counter segments_evicted;
};

/// Writes packets as PCAPNG segments into one directory. Files there:
///   segment-<sequence, 12 digits>.pcapng        complete; visible by rename
///   segment-<sequence>.index                    beside it: chunks of 64 KiB (segment_index.hpp)
///   segment-<sequence>.pcapng.open              the one being written
///   evicted.jsonl                               a line per evicted segment: sequence, when, why
/// A segment: SHB, an IDB per interface (if_name, if_tsresol 9), EPBs, an ISB per interface at its end.
/// One thread, the worker, calls it; PacketStore reads the open segment through SegmentWriter's published
/// state.
class SegmentWriter {
 public:
  explicit SegmentWriter(const SegmentConfig& config);
  ~SegmentWriter();
  SegmentWriter(const SegmentWriter&) = delete;
  SegmentWriter& operator=(const SegmentWriter&) = delete;

  /// Makes the directory, recovers a segment that a crash left open (to its last whole block) and takes the
  /// next sequence number.
  Result<void> open(TimeNs now);

  /// Sequence of the segment that the packets appended next go to; rotates first when size or age is due.
  /// 0 while nothing can be written (disk full): packets are then counted as lost.
  std::uint64_t begin_batch(TimeNs now);

  /// Appends one packet to the segment of begin_batch. `interfaces` as the capture backend lists them.
  void append(const PacketView& packet, std::span<const InterfaceInfo> interfaces);

  /// Writes what is buffered once a second or as soon as a reader waits for it, retries a failed disk,
  /// evicts; call it between batches and when idle.
  void tick(TimeNs now);

  /// Losses for the ISB of the open segment; cumulative since the capture's start.
  void note_drops(std::uint64_t offered, std::uint64_t dropped);

  /// Completes the open segment. A segment without packets is removed instead. Errors: "segment_unwritable";
  /// the packets are on disk then, and the next open() completes their segment.
  Result<void> close(TimeNs now);

  const SegmentCounters& counters() const;
  /// What the last failed write said; empty when all is well.
  std::string trouble() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wireglass
