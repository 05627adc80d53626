#include "pipeline/recorder.hpp"

namespace wireglass {

std::uint32_t Recorder::record(const DigestParcel& parcel, bool in_order) {
  if (in_order) order_.wait_for(parcel.number);
  std::uint32_t segment = 0;
  {
    const std::lock_guard lock(writer_mutex_);
    const TimeNs now = clock_->now();
    segment = static_cast<std::uint32_t>(writer_.begin_batch(now));
    for (const PacketView& packet : parcel.batch.packets()) writer_.append(packet, *parcel.interfaces);
    writer_.tick(now);
    publish();
  }
  if (in_order) order_.pass(parcel.number);
  return segment;
}

void Recorder::tick() {
  const std::lock_guard lock(writer_mutex_);
  writer_.tick(clock_->now());
  publish();
}

void Recorder::note_losses(const CaptureCounters& capture) {
  const std::lock_guard lock(writer_mutex_);
  writer_.note_drops(capture.offered, capture.dropped_kernel + capture.dropped_interface);
}

Result<void> Recorder::close() {
  const std::lock_guard lock(writer_mutex_);
  Result<void> closed = writer_.close(clock_->now());
  publish();
  return closed;
}

void Recorder::publish() {
  const SegmentCounters& counters = writer_.counters();
  const std::lock_guard lock(reading_mutex_);
  reading_.packets_recorded = counters.packets_recorded.value();
  reading_.bytes_recorded = counters.bytes_recorded.value();
  reading_.packets_lost_to_disk = counters.packets_lost_to_disk.value();
  reading_.segments_completed = counters.segments_completed.value();
  reading_.segments_evicted = counters.segments_evicted.value();
}

Recorder::Reading Recorder::reading() const {
  Reading reading;
  {
    const std::lock_guard lock(reading_mutex_);
    reading = reading_;
  }
  reading.trouble = writer_.trouble();
  return reading;
}

}  // namespace wireglass
