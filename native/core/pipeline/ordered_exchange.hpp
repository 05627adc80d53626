#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "pipeline/intake.hpp"

namespace wireglass {

/// One input for all workers. They take turns at reading it and decode side by side; every owner gets the
/// digests of batch 0, 1, 2, ... in that order, whoever decoded them, so that each flow sees its packets as
/// the input has them and its records do not depend on the number of workers.
///
/// A turn is several batches, up to one that is not full: there the input's memory ends, so that what one
/// worker reads in, it also decodes, out of its own cache.
///
/// At most kBatchesInFlight batches are between their reading and their last owner: a worker that could read
/// further waits, and takes what it owns meanwhile. So nobody waits for anyone who waits for him: the oldest
/// batch in flight is being decoded, or is there for every owner to take.
class OrderedExchange final : public DigestExchange {
 public:
  static constexpr std::size_t kBatchesInFlight = 64;

  /// `backend` is open and outlives the exchange.
  OrderedExchange(CaptureBackend& backend, std::uint32_t workers, std::uint32_t digests_per_packet = 1);

  bool is_live() const override { return intake_.is_live(); }
  bool is_ordered() const override { return true; }
  ReadStatus read(std::uint32_t worker, DigestParcel*& parcel, int timeout_ms) override;
  void publish(std::uint32_t worker, DigestParcel& parcel) override;
  DigestParcel* take(std::uint32_t worker) override;
  void give_back(std::uint32_t worker, DigestParcel& parcel) override;
  void request_drain() override { intake_.request_drain(); }
  IntakeReading reading() const override;
  std::uint64_t lost(std::uint32_t) const override { return 0; }

 private:
  static constexpr std::size_t kTurnBatches = 16;

  /// What only one worker touches; a cache line of its own.
  struct alignas(64) Place {
    std::uint64_t next_batch = 0;  ///< number that the worker takes next
    std::array<DigestParcel*, kTurnBatches> turn{};
    std::size_t turn_size = 0;
    std::size_t turn_next = 0;  ///< of the turn's batches, the one to decode next
  };

  /// A published batch. The number stands here, too, as the parcel's own is of no account to whoever has not
  /// taken it: a parcel that was just given back may be read into again.
  struct Slot {
    std::atomic<DigestParcel*> parcel{nullptr};
    std::atomic<std::uint64_t> next_number{0};  ///< the batch's and 1; 0: none
  };

  ReadStatus take_turn(std::uint32_t worker, int timeout_ms);
  template <class CanGoOn>
  void wait(std::unique_lock<std::mutex>& lock, int timeout_ms, CanGoOn can_go_on);
  DigestParcel* published_for(const Place& place) const;
  bool ended_for(const Place& place) const;
  bool may_read() const;
  void take_free(std::uint32_t worker, Place& place);
  void wake_waiting();

  const std::uint32_t digests_per_packet_;
  Intake intake_;
  std::vector<Place> places_;                     ///< by worker
  std::array<Slot, kBatchesInFlight> published_;  ///< by number modulo the size

  std::atomic<std::uint32_t> changes_{0};  ///< rises whenever somebody who waits may go on
  std::atomic<std::uint32_t> waiting_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by the mutex.
  bool reading_ = false;
  ReadStatus status_ = ReadStatus::kPackets;  ///< kEnd or kFailed once that is read
  std::uint64_t batches_ = 0;                 ///< read so far
  std::vector<std::unique_ptr<DigestParcel>> parcels_;
  std::vector<DigestParcel*> free_;  ///< the last one used first: it is still in a cache
};

}  // namespace wireglass
