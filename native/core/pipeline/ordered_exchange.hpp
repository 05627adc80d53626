#pragma once

#include <array>
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
  bool has_for(std::uint32_t worker) const;
  bool ended_for(std::uint32_t worker) const;
  bool may_read() const;
  DigestParcel* take_free();
  void wake_all();

  const std::uint32_t digests_per_packet_;
  Intake intake_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint32_t waiting_ = 0;
  bool reading_ = false;
  ReadStatus status_ = ReadStatus::kPackets;                 ///< kEnd or kFailed once that is read
  std::uint64_t batches_ = 0;                                ///< read so far
  std::array<DigestParcel*, kBatchesInFlight> published_{};  ///< by number modulo the size
  std::vector<std::uint64_t> next_;                          ///< number that each worker takes next
  std::vector<std::unique_ptr<DigestParcel>> parcels_;
  std::vector<DigestParcel*> free_;  ///< the last one used first: it is still in a cache
};

}  // namespace wireglass
