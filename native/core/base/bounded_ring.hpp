#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

namespace wireglass {

/// A bounded queue from one producer thread to one consumer thread, without locks. When it is full, `push`
/// refuses; the producer counts what was refused.
template <class Item>
class BoundedRing {
 public:
  /// Holds up to `capacity` items; `capacity` is a power of two.
  explicit BoundedRing(std::size_t capacity)
      : items_(std::make_unique<Item[]>(capacity)), mask_(capacity - 1) {}

  bool push(const Item& item) {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head - tail_.load(std::memory_order_acquire) > mask_) return false;
    items_[head & mask_] = item;
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

  bool pop(Item& item) {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail == head_.load(std::memory_order_acquire)) return false;
    item = items_[tail & mask_];
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

 private:
  std::unique_ptr<Item[]> items_;
  std::size_t mask_;
  alignas(64) std::atomic<std::size_t> head_{0};
  alignas(64) std::atomic<std::size_t> tail_{0};
};

}  // namespace wireglass
