#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "base/counter.hpp"
#include "pipeline/intake.hpp"

namespace wireglass {

/// A live input of its own for each worker (the queues of one interface). Digests go to their owners in no
/// order across workers. Nobody waits for an owner: while a worker has no parcel to spare, because owners are
/// behind with those it handed over, the digests that it decodes for others are lost and counted.
class LiveExchange final : public DigestExchange {
 public:
  /// What an owner is behind with at most, from each of the other workers.
  static constexpr std::size_t kParcelsPerWorker = 64;

  /// The backends are open and outlive the exchange; one worker each.
  explicit LiveExchange(std::span<CaptureBackend* const> backends, std::uint32_t digests_per_packet = 1);

  bool is_live() const override { return true; }
  bool is_ordered() const override { return false; }
  ReadStatus read(std::uint32_t worker, DigestParcel*& parcel, int timeout_ms) override;
  void publish(std::uint32_t worker, DigestParcel& parcel) override;
  DigestParcel* take(std::uint32_t worker) override;
  void give_back(std::uint32_t worker, DigestParcel& parcel) override;
  void request_drain() override;
  IntakeReading reading() const override;
  std::uint64_t lost(std::uint32_t from) const override { return queues_[from]->lost.value(); }

 private:
  struct Queue {
    explicit Queue(CaptureBackend& source) : backend(source), intake(source) {}

    CaptureBackend& backend;
    Intake intake;
    Counter lost;
    ReadStatus status = ReadStatus::kPackets;  ///< kEnd or kFailed once that is read; its worker's own
    std::atomic<bool> waits{false};            ///< its worker waits for packets

    std::mutex mutex;  ///< of what follows
    std::condition_variable changed;
    std::vector<std::unique_ptr<DigestParcel>> parcels;
    std::vector<DigestParcel*> free;
    std::vector<DigestParcel*> inbox;  ///< for its worker to take, a ring of room for every parcel there is
    std::size_t inbox_head = 0;
    std::size_t inbox_size = 0;
  };

  DigestParcel* take_free(Queue& queue);
  void put_back(Queue& home, DigestParcel& parcel);
  void push(std::uint32_t owner, DigestParcel& parcel);
  bool has_for(Queue& queue);
  ReadStatus wait_for_others(Queue& queue, int timeout_ms);

  std::vector<std::unique_ptr<Queue>> queues_;
  std::atomic<std::uint32_t> ended_{0};  ///< workers that will publish nothing any more
};

}  // namespace wireglass
