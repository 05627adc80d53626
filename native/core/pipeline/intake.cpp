#include "pipeline/intake.hpp"

#include <algorithm>
#include <chrono>

namespace wireglass {

namespace {

TimeNs steady_now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

}  // namespace

Intake::Intake(CaptureBackend& backend) : backend_(backend), live_(backend.is_live()) {
  refresh(ReadStatus::kTimeout);
}

ReadStatus Intake::read(DigestParcel& parcel, int timeout_ms) {
  if (!draining_) {
    const std::lock_guard lock(mutex_);
    draining_ = drain_wanted_;
    if (draining_) backend_.begin_drain();
  }
  const ReadStatus status = backend_.read(parcel.batch, timeout_ms);
  if (status == ReadStatus::kPackets) parcel.number = batches_++;
  refresh(status);
  parcel.interfaces = interfaces_;
  const std::lock_guard lock(mutex_);
  parcel.first_packet = reading_.captured_packets;
  reading_.captured_packets += parcel.batch.packets().size();
  return status;
}

void Intake::refresh(ReadStatus status) {
  const auto described = backend_.interfaces();
  if (described.size() != interfaces_->size()) {
    interfaces_ = std::make_shared<const std::vector<InterfaceInfo>>(described.begin(), described.end());
    const std::lock_guard lock(mutex_);
    shown_interfaces_ = interfaces_;
  }
  const TimeNs now = steady_now();
  if (status == ReadStatus::kPackets && now - refreshed_ns_ < kRefreshIntervalNs) return;
  refreshed_ns_ = now;
  const CaptureCounters capture = backend_.counters();
  const double progress = backend_.progress();
  const auto failures = backend_.failures();
  const std::lock_guard lock(mutex_);
  reading_.capture = capture;
  reading_.progress = progress;
  if (failures.size() != reading_.failures.size()) reading_.failures.assign(failures.begin(), failures.end());
}

void Intake::request_drain() {
  const std::lock_guard lock(mutex_);
  drain_wanted_ = true;
}

void Intake::add_to(IntakeReading& reading) const {
  const std::lock_guard lock(mutex_);
  CaptureCounters& sum = reading.capture;
  const CaptureCounters& capture = reading_.capture;
  // The backend's own counters are older than the batches read since.
  const std::uint64_t known = reading_.captured_packets + capture.dropped_kernel + capture.dropped_interface;
  sum.offered += std::max(capture.offered, known);
  sum.delivered += std::max(capture.delivered, reading_.captured_packets);
  sum.dropped_kernel += capture.dropped_kernel;
  sum.dropped_interface += capture.dropped_interface;
  sum.ring_freezes += capture.ring_freezes;
  reading.captured_packets += reading_.captured_packets;
  reading.progress = reading_.progress;
  if (reading.interfaces.empty()) reading.interfaces = *shown_interfaces_;
  reading.failures.insert(reading.failures.end(), reading_.failures.begin(), reading_.failures.end());
}

}  // namespace wireglass
