#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "meter/keyed_hash.hpp"

namespace wireglass {

/// What two parties exchanged: [0] from the first to the second, [1] back.
struct Exchange {
  std::array<std::uint64_t, 2> bytes{};
  std::array<std::uint64_t, 2> packets{};

  std::uint64_t total_bytes() const { return bytes[0] + bytes[1]; }
  void add(const Exchange& more) {
    for (std::size_t way = 0; way < 2; ++way) {
      bytes[way] += more.bytes[way];
      packets[way] += more.packets[way];
    }
  }
};

/// The heaviest keys of a stream by bytes, in bounded memory and with a bound on every error.
///
/// Space-Saving (Metwally, Agrawal, El Abbadi 2005) in the form of its twin Misra-Gries, to which it is
/// isomorphic (Agarwal et al. 2012), with a purge of half the counters at a time instead of a heap (Anderson
/// et al. 2017), so that an update costs one look into a hash table. With capacity c and bytes N in all:
/// - A key whose bytes exceed N/c is among the items.
/// - An item's true bytes, each way and in sum, lie in [counted, counted + error].
/// - A key that is not among the items has floor() bytes at most, which is N/c at most.
/// - All of this still holds after merge(), with N the bytes of both.
/// Packets are counted from when a key became an item: exact where error is 0.
///
/// Why: offset_ is what has been subtracted from every counter so far. Keeping counters whole and the offset
/// at which each began (`error`) saves the subtraction; a counter is at zero when counted + error <= offset_.
/// A purge subtracts the c-th largest counter's value d, so the sum of all counters falls by c*d at least
/// while the offset rises by d: offset_ * c <= N - sum of counters. What is in the items and in which order
/// depends on the stream alone, never on the hash.
template <std::size_t kWords>
class SpaceSaving {
 public:
  static constexpr std::uint32_t kMaxCapacity = 16'384;

  using Key = std::array<std::uint64_t, kWords>;
  struct Item {
    Key key;
    Exchange counted;
    std::uint64_t error = 0;
    std::uint32_t position_hint = 0;  ///< the key's hash, lower half

    std::uint64_t upper() const { return counted.total_bytes() + error; }
  };

  SpaceSaving(std::uint32_t capacity, const KeyedHash& hash)
      : hash_(hash),
        capacity_(std::clamp(capacity, std::uint32_t{1}, kMaxCapacity)),
        max_items_(2 * capacity_),
        mask_(std::bit_ceil(4 * capacity_) - 1),
        slots_(mask_ + 1) {
    items_.reserve(max_items_);
    uppers_.reserve(max_items_);
  }

  void add(const Key& key, const Exchange& amount) {
    const auto hint = static_cast<std::uint32_t>(hash_(key));
    total_bytes_ += amount.total_bytes();
    std::uint32_t position = hint & mask_;
    for (; slots_[position] != 0; position = (position + 1) & mask_) {
      Item& item = items_[slots_[position] - 1U];
      if (same(item.key, key)) {
        item.counted.add(amount);
        return;
      }
    }
    if (items_.size() == max_items_) {
      purge(capacity_);
      position = free_slot(hint);
    }
    items_.push_back({key, amount, offset_, hint});
    slots_[position] = static_cast<std::uint16_t>(items_.size());
  }

  /// Adds what another one, of the same capacity, has seen.
  void merge(const SpaceSaving& other) {
    total_bytes_ += other.total_bytes_;
    // A key that one side does not hold may have had that side's whole offset.
    for (Item& item : items_) item.error += other.offset_;
    const std::uint64_t own_offset = offset_;
    offset_ += other.offset_;
    items_.reserve(items_.size() + other.items_.size());
    for (const Item& theirs : other.items_) {
      const auto hint = static_cast<std::uint32_t>(hash_(theirs.key));
      std::uint32_t position = hint & mask_;
      while (slots_[position] != 0 && !same(items_[slots_[position] - 1U].key, theirs.key)) {
        position = (position + 1) & mask_;
      }
      if (slots_[position] != 0) {
        Item& item = items_[slots_[position] - 1U];
        item.counted.add(theirs.counted);
        item.error += theirs.error - other.offset_;
      } else {
        // Stays out of the table, whose size is for max_items_: the other side's keys are distinct anyway.
        items_.push_back({theirs.key, theirs.counted, theirs.error + own_offset, hint});
      }
    }
    if (items_.size() > max_items_) {
      // More than capacity_ counters reach the value that is subtracted, as a purge demands.
      purge(max_items_ + 1);
    } else {
      rebuild();
    }
  }

  /// At most as many as wanted, those with the greatest `rank` first (ties by key). `rank` takes an Item and
  /// returns its upper bound; items for which that is 0 are left out.
  template <class Rank>
  std::vector<Item> top(std::size_t wanted, Rank rank) const {
    std::vector<const Item*> order;
    order.reserve(items_.size());
    for (const Item& item : items_) {
      if (rank(item) > 0) order.push_back(&item);
    }
    const auto count = static_cast<std::ptrdiff_t>(std::min(wanted, order.size()));
    std::partial_sort(order.begin(), order.begin() + count, order.end(),
                      [&rank](const Item* left, const Item* right) {
                        const std::uint64_t a = rank(*left);
                        const std::uint64_t b = rank(*right);
                        return a != b ? a > b : left->key < right->key;
                      });
    std::vector<Item> chosen;
    chosen.reserve(static_cast<std::size_t>(count));
    for (std::ptrdiff_t place = 0; place < count; ++place) {
      chosen.push_back(*order[static_cast<std::size_t>(place)]);
    }
    return chosen;
  }

  const std::vector<Item>& items() const { return items_; }
  /// What a key that is not among the items can have had at most.
  std::uint64_t floor() const { return offset_; }
  std::uint64_t total_bytes() const { return total_bytes_; }
  std::uint32_t capacity() const { return capacity_; }

  /// As new.
  void clear() {
    if (!items_.empty()) std::fill(slots_.begin(), slots_.end(), std::uint16_t{0});
    items_.clear();
    offset_ = 0;
    total_bytes_ = 0;
  }

  /// Memory with every item in use, outside merge().
  static std::uint64_t memory_bytes(std::uint32_t capacity) {
    const std::uint64_t items = 2 * std::uint64_t{capacity};
    return items * (sizeof(Item) + sizeof(std::uint64_t)) +
           std::bit_ceil(4 * capacity) * sizeof(std::uint16_t);
  }

 private:
  /// Without a call of memcmp, nor a branch per word.
  static bool same(const Key& left, const Key& right) {
    std::uint64_t differing = 0;
    for (std::size_t word = 0; word < kWords; ++word) differing |= left[word] ^ right[word];
    return differing == 0;
  }

  /// Subtracts the value of the counter that is `place`-th from the top (of one tracked item at least that
  /// many) and drops those that reach zero.
  void purge(std::size_t place) {
    uppers_.clear();
    for (const Item& item : items_) uppers_.push_back(item.upper());
    const auto nth = uppers_.begin() + static_cast<std::ptrdiff_t>(place - 1);
    std::nth_element(uppers_.begin(), nth, uppers_.end(), std::greater<>());
    offset_ = *nth;
    std::erase_if(items_, [this](const Item& item) { return item.upper() <= offset_; });
    rebuild();
  }

  void rebuild() {
    std::fill(slots_.begin(), slots_.end(), std::uint16_t{0});
    for (std::size_t index = 0; index < items_.size(); ++index) {
      slots_[free_slot(items_[index].position_hint)] = static_cast<std::uint16_t>(index + 1);
    }
  }

  std::uint32_t free_slot(std::uint32_t hint) const {
    std::uint32_t position = hint & mask_;
    while (slots_[position] != 0) position = (position + 1) & mask_;
    return position;
  }

  KeyedHash hash_;
  std::uint32_t capacity_;
  std::size_t max_items_;
  std::uint32_t mask_;
  std::vector<std::uint16_t> slots_;  ///< open addressing, at most half full: index of an item plus one
  std::vector<Item> items_;
  std::vector<std::uint64_t> uppers_;  ///< purge()'s scratch
  std::uint64_t offset_ = 0;
  std::uint64_t total_bytes_ = 0;
};

}  // namespace wireglass
