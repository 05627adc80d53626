#include "pipeline/snapshot_requests.hpp"

namespace wireglass {

std::uint32_t SnapshotRequests::request(std::uint32_t id) {
  const std::lock_guard lock(mutex_);
  if (workers_ == 0) return 0;
  if (waiting_id_ != 0) return waiting_id_;
  if (active_id_ == 0) {
    begin(id);
  } else {
    waiting_id_ = id;
  }
  return id;
}

void SnapshotRequests::begin(std::uint32_t id) {
  active_id_ = id;
  unanswered_ = workers_;
  round_.fetch_add(1, std::memory_order_release);
}

std::uint32_t SnapshotRequests::id_of_round() const {
  const std::lock_guard lock(mutex_);
  return active_id_;
}

bool SnapshotRequests::closes_alone() const {
  const std::lock_guard lock(mutex_);
  return unanswered_ == 1;
}

bool SnapshotRequests::answer() {
  const std::lock_guard lock(mutex_);
  return --unanswered_ == 0;
}

void SnapshotRequests::finish() {
  const std::lock_guard lock(mutex_);
  unanswered_ = 0;
  active_id_ = 0;
  if (waiting_id_ == 0) return;
  const std::uint32_t id = waiting_id_;
  waiting_id_ = 0;
  begin(id);
}

bool SnapshotRequests::leave(std::uint64_t answered, bool abandon) {
  const std::lock_guard lock(mutex_);
  if (!abandon && answered != round_.load(std::memory_order_relaxed)) return false;
  --workers_;
  return true;
}

}  // namespace wireglass
