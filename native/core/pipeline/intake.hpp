#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "pipeline/digest_exchange.hpp"

namespace wireglass {

/// One backend as its readers share it: what it tells is kept where any thread may read it. The reading
/// itself is done by one worker at a time.
class Intake {
 public:
  explicit Intake(CaptureBackend& backend);

  /// The reader's part: fills the parcel's batch and numbers it.
  ReadStatus read(DigestParcel& parcel, int timeout_ms);
  bool is_live() const { return live_; }

  /// From any thread: the next read() drains first.
  void request_drain();
  /// From any thread; of captured_packets() as late as the reader's last batch, the rest at most
  /// kRefreshIntervalNs older.
  void add_to(IntakeReading& reading) const;

 private:
  static constexpr TimeNs kRefreshIntervalNs = 50 * kMillisecondNs;
  using Interfaces = std::shared_ptr<const std::vector<InterfaceInfo>>;

  void refresh(ReadStatus status);

  CaptureBackend& backend_;
  const bool live_;
  bool draining_ = false;
  TimeNs refreshed_ns_ = 0;  ///< of the steady clock
  std::uint64_t batches_ = 0;
  Interfaces interfaces_ = std::make_shared<const std::vector<InterfaceInfo>>();

  mutable std::mutex mutex_;
  bool drain_wanted_ = false;
  IntakeReading reading_;
  Interfaces shown_interfaces_ = interfaces_;
};

}  // namespace wireglass
