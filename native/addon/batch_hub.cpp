#include "addon/batch_hub.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace wireglass {

bool BatchHub::offer(const FlowBatchPtr& batch) {
  const std::lock_guard lock(mutex_);
  if (!has_room(Topic::kFlows)) return false;
  for (const auto& receiver : receivers_) {
    if (receiver->topic() == Topic::kFlows) receiver->take(batch);
  }
  return true;
}

bool BatchHub::offer_report(const IntervalReportPtr& report) {
  const std::lock_guard lock(mutex_);
  if (!has_room(Topic::kIntervals)) return false;
  for (const auto& receiver : receivers_) {
    if (receiver->topic() == Topic::kIntervals) receiver->take_report(report);
  }
  return true;
}

bool BatchHub::has_room(Topic topic) const {
  return std::all_of(receivers_.begin(), receivers_.end(), [topic](const auto& receiver) {
    return receiver->topic() != topic || receiver->room();
  });
}

void BatchHub::announce(const FlowBatchPtr& batch) {
  const std::lock_guard lock(mutex_);
  for (const auto& receiver : receivers_) {
    if (receiver->topic() == Topic::kFlows) receiver->take(batch);
  }
}

void BatchHub::add(std::shared_ptr<BatchReceiver> receiver) {
  const std::lock_guard lock(mutex_);
  receivers_.push_back(std::move(receiver));
}

void BatchHub::remove(const BatchReceiver* receiver) {
  std::shared_ptr<BatchReceiver> removed;
  {
    const std::lock_guard lock(mutex_);
    const auto place = std::find_if(receivers_.begin(), receivers_.end(), [receiver](const auto& candidate) {
      return candidate.get() == receiver;
    });
    if (place == receivers_.end()) return;
    removed = std::move(*place);
    receivers_.erase(place);
  }
  settle();
}

void BatchHub::became_idle() { settle(); }

void BatchHub::begin_run() {
  const std::lock_guard lock(mutex_);
  ++runs_;
}

void BatchHub::end_run() {
  {
    const std::lock_guard lock(mutex_);
    --runs_;
  }
  settle();
}

bool BatchHub::all_handed_over() const {
  const std::lock_guard lock(mutex_);
  return all_handed_over_locked();
}

bool BatchHub::all_handed_over_locked() const {
  return runs_ == 0 && std::all_of(receivers_.begin(), receivers_.end(),
                                   [](const auto& receiver) { return receiver->idle(); });
}

void BatchHub::when_all_handed_over(std::function<void()> done) { add_waiter({nullptr, std::move(done)}); }

void BatchHub::when_idle(const BatchReceiver* receiver, std::function<void()> done) {
  add_waiter({receiver, std::move(done)});
}

void BatchHub::add_waiter(Waiter waiter) {
  {
    const std::lock_guard lock(mutex_);
    waiters_.push_back(std::move(waiter));
  }
  settle();
}

bool BatchHub::satisfied(const Waiter& waiter) const {
  if (waiter.receiver == nullptr) return all_handed_over_locked();
  return std::none_of(receivers_.begin(), receivers_.end(), [&waiter](const auto& receiver) {
    return receiver.get() == waiter.receiver && !receiver->idle();
  });
}

void BatchHub::settle() {
  std::vector<Waiter> due;
  {
    const std::lock_guard lock(mutex_);
    const auto first_due = std::stable_partition(waiters_.begin(), waiters_.end(),
                                                 [this](const Waiter& waiter) { return !satisfied(waiter); });
    due.assign(std::make_move_iterator(first_due), std::make_move_iterator(waiters_.end()));
    waiters_.erase(first_due, waiters_.end());
  }
  for (const Waiter& waiter : due) waiter.done();
}

}  // namespace wireglass
