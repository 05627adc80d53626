#include "pipeline/live_exchange.hpp"

#include <chrono>

namespace wireglass {

namespace {
constexpr unsigned kQueueShift = 48;
}

LiveExchange::LiveExchange(std::span<CaptureBackend* const> backends, std::uint32_t digests_per_packet)
    : DigestExchange(static_cast<std::uint32_t>(backends.size())) {
  for (CaptureBackend* backend : backends) {
    auto queue = std::make_unique<Queue>(*backend);
    for (std::size_t count = 0; count < kParcelsPerWorker; ++count) {
      queue->parcels.push_back(std::make_unique<DigestParcel>(workers(), digests_per_packet,
                                                              static_cast<std::uint32_t>(queues_.size())));
      queue->free.push_back(queue->parcels.back().get());
    }
    queue->inbox.resize(kParcelsPerWorker * backends.size());
    queues_.push_back(std::move(queue));
  }
}

ReadStatus LiveExchange::read(std::uint32_t worker, DigestParcel*& parcel, int timeout_ms) {
  Queue& queue = *queues_[worker];
  if (queue.status != ReadStatus::kPackets) return wait_for_others(queue, timeout_ms);
  parcel = take_free(queue);
  queue.waits.store(true);
  // After the flag: who pushes later wakes this worker up.
  const ReadStatus status = queue.intake.read(*parcel, has_for(queue) ? 0 : timeout_ms);
  queue.waits.store(false);
  if (status == ReadStatus::kPackets) {
    // Numbers of other queues' packets are others, which is what sampling by them asks for.
    parcel->first_packet |= static_cast<std::uint64_t>(worker) << kQueueShift;
    return status;
  }
  put_back(queue, *parcel);
  if (status == ReadStatus::kTimeout) return status;
  queue.status = status;
  ended_.fetch_add(1);
  for (const auto& other : queues_) {
    const std::lock_guard lock(other->mutex);
    other->changed.notify_all();
  }
  return wait_for_others(queue, 0);
}

ReadStatus LiveExchange::wait_for_others(Queue& queue, int timeout_ms) {
  std::unique_lock lock(queue.mutex);
  const auto can_go_on = [&] { return queue.inbox_size > 0 || ended_.load() == workers(); };
  queue.changed.wait_for(lock, std::chrono::milliseconds(timeout_ms), can_go_on);
  const bool over = ended_.load() == workers() && queue.inbox_size == 0;
  return over ? queue.status : ReadStatus::kTimeout;
}

void LiveExchange::publish(std::uint32_t worker, DigestParcel& parcel) {
  Queue& home = *queues_[worker];
  bool may_share = false;
  {
    const std::lock_guard lock(home.mutex);
    may_share = !home.free.empty();
  }
  std::uint32_t owners = 1;
  for (std::uint32_t owner = 0; owner < workers(); ++owner) {
    DigestList& list = parcel.lists[owner];
    if (owner == worker || list.size() == 0) continue;
    if (may_share) {
      ++owners;
    } else {
      home.lost.add(list.size() - list.outer_packets());
      list.clear();
    }
  }
  parcel.owners_left = owners;
  // Read beforehand: whoever gets the parcel may have given it back before the next one does.
  for (std::uint32_t owner = 0; owner < workers() && owners > 0; ++owner) {
    if (owner != worker && parcel.lists[owner].size() == 0) continue;
    --owners;
    push(owner, parcel);
  }
}

void LiveExchange::push(std::uint32_t owner, DigestParcel& parcel) {
  Queue& queue = *queues_[owner];
  {
    const std::lock_guard lock(queue.mutex);
    queue.inbox[(queue.inbox_head + queue.inbox_size++) % queue.inbox.size()] = &parcel;
    queue.changed.notify_all();
  }
  if (queue.waits.load()) queue.backend.wake();
}

DigestParcel* LiveExchange::take(std::uint32_t worker) {
  Queue& queue = *queues_[worker];
  const std::lock_guard lock(queue.mutex);
  if (queue.inbox_size == 0) return nullptr;
  DigestParcel* parcel = queue.inbox[queue.inbox_head];
  queue.inbox_head = (queue.inbox_head + 1) % queue.inbox.size();
  --queue.inbox_size;
  return parcel;
}

void LiveExchange::give_back(std::uint32_t, DigestParcel& parcel) {
  Queue& home = *queues_[parcel.home];
  {
    const std::lock_guard lock(home.mutex);
    if (--parcel.owners_left > 0) return;
  }
  put_back(home, parcel);
}

void LiveExchange::put_back(Queue& home, DigestParcel& parcel) {
  parcel.batch.release();
  const std::lock_guard lock(home.mutex);
  home.free.push_back(&parcel);
}

/// There is one: the last one is never shared, and comes back before its worker reads again.
DigestParcel* LiveExchange::take_free(Queue& queue) {
  const std::lock_guard lock(queue.mutex);
  DigestParcel* parcel = queue.free.back();
  queue.free.pop_back();
  return parcel;
}

bool LiveExchange::has_for(Queue& queue) {
  const std::lock_guard lock(queue.mutex);
  return queue.inbox_size > 0;
}

void LiveExchange::request_drain() {
  for (const auto& queue : queues_) queue->intake.request_drain();
}

IntakeReading LiveExchange::reading() const {
  IntakeReading reading;
  for (const auto& queue : queues_) queue->intake.add_to(reading);
  return reading;
}

}  // namespace wireglass
