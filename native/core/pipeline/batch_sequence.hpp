#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "pipeline/ordered_exchange.hpp"

namespace wireglass {

/// For a part of the work on batches that must be done in their order. Every batch of an OrderedExchange
/// passes once; who needs its turn waits for it, the others just pass.
class BatchSequence {
 public:
  /// Returns when all batches before `number` have passed.
  void wait_for(std::uint64_t number) {
    std::unique_lock lock(mutex_);
    if (next_ == number) return;
    ++waiting_;
    changed_.wait(lock, [&] { return next_ == number; });
    --waiting_;
  }

  void pass(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    passed_[number % passed_.size()] = true;
    for (; passed_[next_ % passed_.size()]; ++next_) passed_[next_ % passed_.size()] = false;
    if (waiting_ > 0) changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint32_t waiting_ = 0;
  std::uint64_t next_ = 0;
  std::array<bool, OrderedExchange::kBatchesInFlight> passed_{};
};

}  // namespace wireglass
