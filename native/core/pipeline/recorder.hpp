#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "pipeline/batch_sequence.hpp"
#include "segment/segment_writer.hpp"

namespace wireglass {

/// The one writer of segments, as several workers share it.
class Recorder {
 public:
  /// Takes the time itself: what workers took before they waited for their turn would run backwards here.
  Recorder(const SegmentConfig& config, std::shared_ptr<const Clock> clock)
      : clock_(std::move(clock)), writer_(config) {}

  Result<void> open() { return writer_.open(clock_->now()); }

  /// Appends a batch; returns the sequence of the segment that it went to, 0 where none can be written.
  /// `in_order`: waits until the batches before it have been recorded; then every batch has to be, once.
  std::uint32_t record(const DigestParcel& parcel, bool in_order);
  /// What SegmentWriter::tick() does, for workers that have nothing to record; record() does it, too.
  void tick();
  /// Losses so far, for the statistics that end a segment.
  void note_losses(const CaptureCounters& capture);
  /// Once all workers are done.
  Result<void> close();

  /// Of what record() has been done with; from any thread, without waiting for the disk.
  struct Reading {
    std::uint64_t packets_recorded = 0;
    std::uint64_t bytes_recorded = 0;
    std::uint64_t packets_lost_to_disk = 0;
    std::uint64_t segments_completed = 0;
    std::uint64_t segments_evicted = 0;
    std::string trouble;
  };
  Reading reading() const;

 private:
  void publish();

  std::shared_ptr<const Clock> clock_;
  BatchSequence order_;
  std::mutex writer_mutex_;
  SegmentWriter writer_;
  mutable std::mutex reading_mutex_;
  Reading reading_;
};

}  // namespace wireglass
