#include "pipeline/ordered_exchange.hpp"

#include <chrono>

namespace wireglass {

OrderedExchange::OrderedExchange(CaptureBackend& backend, std::uint32_t workers,
                                 std::uint32_t digests_per_packet)
    : DigestExchange(workers), digests_per_packet_(digests_per_packet), intake_(backend), next_(workers) {}

ReadStatus OrderedExchange::read(std::uint32_t worker, DigestParcel*& parcel, int timeout_ms) {
  std::unique_lock lock(mutex_);
  const auto can_go_on = [&] { return has_for(worker) || ended_for(worker) || may_read(); };
  if (!can_go_on()) {
    ++waiting_;
    changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), can_go_on);
    --waiting_;
  }
  if (ended_for(worker)) return status_;
  if (has_for(worker) || !may_read()) return ReadStatus::kTimeout;
  parcel = take_free();
  reading_ = true;
  lock.unlock();
  const ReadStatus status = intake_.read(*parcel, timeout_ms);
  lock.lock();
  reading_ = false;
  if (status == ReadStatus::kPackets) {
    ++batches_;
  } else {
    free_.push_back(parcel);
    if (status != ReadStatus::kTimeout) status_ = status;
  }
  wake_all();
  return status == ReadStatus::kPackets || ended_for(worker) ? status : ReadStatus::kTimeout;
}

void OrderedExchange::publish(std::uint32_t, DigestParcel& parcel) {
  parcel.owners_left = workers();
  const std::lock_guard lock(mutex_);
  published_[parcel.number % kBatchesInFlight] = &parcel;
  wake_all();
}

DigestParcel* OrderedExchange::take(std::uint32_t worker) {
  const std::lock_guard lock(mutex_);
  if (!has_for(worker)) return nullptr;
  return published_[next_[worker]++ % kBatchesInFlight];
}

void OrderedExchange::give_back(std::uint32_t, DigestParcel& parcel) {
  const std::lock_guard lock(mutex_);
  if (--parcel.owners_left > 0) return;
  published_[parcel.number % kBatchesInFlight] = nullptr;
  parcel.batch.release();
  free_.push_back(&parcel);
  wake_all();
}

IntakeReading OrderedExchange::reading() const {
  IntakeReading reading;
  intake_.add_to(reading);
  return reading;
}

bool OrderedExchange::has_for(std::uint32_t worker) const {
  const DigestParcel* parcel = published_[next_[worker] % kBatchesInFlight];
  return parcel != nullptr && parcel->number == next_[worker];
}

bool OrderedExchange::ended_for(std::uint32_t worker) const {
  return status_ != ReadStatus::kPackets && next_[worker] == batches_;
}

bool OrderedExchange::may_read() const {
  return status_ == ReadStatus::kPackets && !reading_ &&
         (!free_.empty() || parcels_.size() < kBatchesInFlight);
}

DigestParcel* OrderedExchange::take_free() {
  if (free_.empty()) {
    parcels_.push_back(std::make_unique<DigestParcel>(workers(), digests_per_packet_));
    return parcels_.back().get();
  }
  DigestParcel* parcel = free_.back();
  free_.pop_back();
  return parcel;
}

void OrderedExchange::wake_all() {
  if (waiting_ > 0) changed_.notify_all();
}

}  // namespace wireglass
