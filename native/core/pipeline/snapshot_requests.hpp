#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

namespace wireglass {

/// Requests for the live flows, which all workers answer together: each shows its own, and the one that ends
/// last sends the batch that is `last`.
class SnapshotRequests {
 public:
  explicit SnapshotRequests(std::uint32_t workers) : workers_(workers) {}

  /// From any thread. Returns the id that the answer bears: `id`, or that of a request which waits already
  /// and is answered for both; 0 when no answer can come any more.
  std::uint32_t request(std::uint32_t id);

  /// The request that is being answered, one round each; 0 before the first. Each worker answers a round
  /// once.
  std::uint64_t round() const { return round_.load(std::memory_order_acquire); }
  std::uint32_t id_of_round() const;

  // The workers' part. A round is answered by closes_alone() and finish(), or by answer().
  /// Whether every other worker has answered: then the caller's last batch is the answer's last, and finish()
  /// follows it.
  bool closes_alone() const;
  /// Returns true when nobody is left to answer: then the caller owes the batch that is `last`, and finish().
  bool answer();
  void finish();

  /// A worker ends. Refused while the round `answered` is not the current one, unless `abandon`.
  bool leave(std::uint64_t answered, bool abandon);

 private:
  void begin(std::uint32_t id);

  mutable std::mutex mutex_;
  std::atomic<std::uint64_t> round_{0};
  std::uint32_t workers_;
  std::uint32_t unanswered_ = 0;
  std::uint32_t active_id_ = 0;  ///< 0: none
  std::uint32_t waiting_id_ = 0;
};

}  // namespace wireglass
