#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "capture/capture_backend.hpp"
#include "pipeline/digest_parcel.hpp"

namespace wireglass {

/// What is known of the input at one moment.
struct IntakeReading {
  CaptureCounters capture;  ///< as last told by the backends
  std::uint64_t captured_packets = 0;
  double progress = -1;
  std::vector<InterfaceInfo> interfaces;
  std::vector<Error> failures;
};

/// Gives workers batches to decode and carries the digests to the workers that own their flows. Every
/// function may be called by all workers at once.
class DigestExchange {
 public:
  explicit DigestExchange(std::uint32_t workers) : workers_(workers) {}
  virtual ~DigestExchange() = default;
  DigestExchange(const DigestExchange&) = delete;
  DigestExchange& operator=(const DigestExchange&) = delete;

  std::uint32_t workers() const { return workers_; }

  /// Uses the hash's high half; a meter's table indexes by low bits, so that owners do not thin out each
  /// other's tables.
  std::uint32_t owner_of(std::uint64_t hash) const {
    return static_cast<std::uint32_t>(((hash >> 32) * workers_) >> 32);
  }

  virtual bool is_live() const = 0;
  /// True where batches come from one input and are numbered through: then all owners get them in that order.
  virtual bool is_ordered() const = 0;

  /// Reads a batch for `worker` to decode into `parcel`; it must publish() every parcel that it got. Waits at
  /// most `timeout_ms`. kTimeout also tells that something is there to take(), which comes first. kEnd and
  /// kFailed tell that `worker` has taken all that there will ever be.
  virtual ReadStatus read(std::uint32_t worker, DigestParcel*& parcel, int timeout_ms) = 0;
  /// Hands the parcel's lists to their owners.
  virtual void publish(std::uint32_t worker, DigestParcel& parcel) = 0;
  /// The next parcel with a list (perhaps empty) for `worker`, which must give it back; null when there is
  /// none now.
  virtual DigestParcel* take(std::uint32_t worker) = 0;
  virtual void give_back(std::uint32_t worker, DigestParcel& parcel) = 0;

  /// From any thread: the backends stop taking in packets, what they have is still delivered.
  virtual void request_drain() = 0;
  /// From any thread.
  virtual IntakeReading reading() const = 0;
  /// Digests that worker `from` could not hand over, because their owner was too far behind.
  virtual std::uint64_t lost(std::uint32_t from) const = 0;

 private:
  std::uint32_t workers_;
};

}  // namespace wireglass
