#include "pipeline/ordered_exchange.hpp"

#include <chrono>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace wireglass {

namespace {

/// Some microseconds: what another worker needs for a batch. Going to sleep and being woken takes longer.
constexpr int kSpins = 400;

void relax() {
#if defined(__SSE2__)
  _mm_pause();
#endif
}

}  // namespace

OrderedExchange::OrderedExchange(CaptureBackend& backend, std::uint32_t workers,
                                 std::uint32_t digests_per_packet)
    : DigestExchange(workers), digests_per_packet_(digests_per_packet), intake_(backend), places_(workers) {}

ReadStatus OrderedExchange::read(std::uint32_t worker, DigestParcel*& parcel, int timeout_ms) {
  Place& place = places_[worker];
  if (place.turn_next == place.turn_size) {
    const ReadStatus status = take_turn(worker, timeout_ms);
    if (status != ReadStatus::kPackets) return status;
  }
  parcel = place.turn[place.turn_next++];
  return ReadStatus::kPackets;
}

ReadStatus OrderedExchange::take_turn(std::uint32_t worker, int timeout_ms) {
  Place& place = places_[worker];
  std::unique_lock lock(mutex_);
  wait(lock, timeout_ms, [&] { return published_for(place) != nullptr || ended_for(place) || may_read(); });
  if (ended_for(place)) return status_;
  if (published_for(place) != nullptr || !may_read()) return ReadStatus::kTimeout;
  take_free(worker, place);
  const std::size_t room = place.turn_size;
  reading_ = true;
  lock.unlock();

  std::size_t count = 0;
  ReadStatus status = ReadStatus::kPackets;
  for (bool goes_on = true; goes_on && count < room;) {
    status = intake_.read(*place.turn[count], count == 0 ? timeout_ms : 0);
    goes_on = status == ReadStatus::kPackets && place.turn[count]->batch.full();
    count += static_cast<std::size_t>(status == ReadStatus::kPackets);
  }

  lock.lock();
  reading_ = false;
  batches_ += count;
  free_.insert(free_.end(), place.turn.begin() + static_cast<std::ptrdiff_t>(count),
               place.turn.begin() + static_cast<std::ptrdiff_t>(room));
  place.turn_size = count;
  place.turn_next = 0;
  if (status != ReadStatus::kPackets && status != ReadStatus::kTimeout) status_ = status;
  const bool ended = ended_for(place);
  lock.unlock();
  wake_waiting();
  if (count > 0) return ReadStatus::kPackets;
  return ended ? status : ReadStatus::kTimeout;
}

void OrderedExchange::publish(std::uint32_t, DigestParcel& parcel) {
  parcel.owners_left.store(workers(), std::memory_order_relaxed);
  Slot& slot = published_[parcel.number % kBatchesInFlight];
  slot.parcel.store(&parcel);
  slot.next_number.store(parcel.number + 1);
  if (workers() > 1) wake_waiting();
}

DigestParcel* OrderedExchange::take(std::uint32_t worker) {
  Place& place = places_[worker];
  DigestParcel* parcel = published_for(place);
  if (parcel != nullptr) ++place.next_batch;
  return parcel;
}

void OrderedExchange::give_back(std::uint32_t, DigestParcel& parcel) {
  if (parcel.owners_left.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
  published_[parcel.number % kBatchesInFlight].next_number.store(0);
  parcel.batch.release();
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(&parcel);
  }
  if (workers() > 1) wake_waiting();
}

IntakeReading OrderedExchange::reading() const {
  IntakeReading reading;
  intake_.add_to(reading);
  return reading;
}

/// A batch's slot is used again only after all owners gave it back, so that what stands there is the worker's
/// next batch or an earlier one that others still meter.
DigestParcel* OrderedExchange::published_for(const Place& place) const {
  const Slot& slot = published_[place.next_batch % kBatchesInFlight];
  return slot.next_number.load() == place.next_batch + 1 ? slot.parcel.load() : nullptr;
}

bool OrderedExchange::ended_for(const Place& place) const {
  return status_ != ReadStatus::kPackets && place.next_batch == batches_;
}

bool OrderedExchange::may_read() const {
  return status_ == ReadStatus::kPackets && !reading_ &&
         (!free_.empty() || parcels_.size() < kBatchesInFlight);
}

/// Parcels for a turn, as many as there are of kTurnBatches; first of all such that the worker has had
/// before, the last one first.
void OrderedExchange::take_free(std::uint32_t worker, Place& place) {
  place.turn_size = 0;
  const auto take = [&](DigestParcel* parcel) { place.turn[place.turn_size++] = parcel; };
  for (std::size_t at = free_.size(); at-- > 0 && place.turn_size < kTurnBatches;) {
    if (free_[at]->home != worker) continue;
    take(free_[at]);
    free_.erase(free_.begin() + static_cast<std::ptrdiff_t>(at));
  }
  while (place.turn_size < kTurnBatches && parcels_.size() < kBatchesInFlight) {
    parcels_.push_back(std::make_unique<DigestParcel>(workers(), digests_per_packet_, worker));
    take(parcels_.back().get());
  }
  while (place.turn_size < kTurnBatches && !free_.empty()) {
    take(free_.back());
    free_.pop_back();
  }
}

/// Looks again for a few microseconds before it goes to sleep.
template <class CanGoOn>
void OrderedExchange::wait(std::unique_lock<std::mutex>& lock, int timeout_ms, CanGoOn can_go_on) {
  for (int spins = 0; spins < kSpins && !can_go_on();) {
    const std::uint32_t before = changes_.load();
    lock.unlock();
    for (; spins < kSpins && changes_.load() == before; ++spins) relax();
    lock.lock();
  }
  if (can_go_on()) return;
  ++waiting_;
  changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), can_go_on);
  --waiting_;
}

void OrderedExchange::wake_waiting() {
  ++changes_;
  if (waiting_.load() == 0) return;
  // Whoever waits has looked, or looks after this.
  {
    const std::lock_guard lock(mutex_);
  }
  changed_.notify_all();
}

}  // namespace wireglass
