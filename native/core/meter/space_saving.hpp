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
  Exchange reversed() const { return {{bytes[1], bytes[0]}, {packets[1], packets[0]}}; }
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
        group_mask_(groups(capacity_) - 1),
        groups_(groups(capacity_)) {
    items_.reserve(max_items_);
    uppers_.reserve(max_items_);
  }

  void add(const Key& key, const Exchange& amount) {
    const auto hint = static_cast<std::uint32_t>(hash_(key));
    total_bytes_ += amount.total_bytes();
    if (Item* item = find(key, hint); item != nullptr) {
      item->counted.add(amount);
      return;
    }
    if (items_.size() == max_items_) purge(capacity_);
    items_.push_back({key, amount, offset_, hint});
    index(items_.size() - 1);
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
      if (Item* item = find(theirs.key, hint); item != nullptr) {
        item->counted.add(theirs.counted);
        item->error += theirs.error - other.offset_;
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
    if (!items_.empty()) std::fill(groups_.begin(), groups_.end(), Group{});
    items_.clear();
    offset_ = 0;
    total_bytes_ = 0;
  }

  /// Memory with every item in use, outside merge().
  static std::uint64_t memory_bytes(std::uint32_t capacity) {
    const std::uint64_t items = 2 * std::uint64_t{capacity};
    return items * (sizeof(Item) + sizeof(std::uint64_t)) + groups(capacity) * sizeof(Group);
  }

 private:
  /// Places of the hash table: a group is looked at as one word, as where in it a key lies would be a branch
  /// that no predictor foretells.
  struct Group {
    static constexpr std::uint32_t kPlaces = 8;

    std::uint64_t tags = 0;  ///< a byte each, taken from the lowest on; 0 is a free place
    std::array<std::uint16_t, kPlaces> item{};

    bool has_room() const { return tags >> 56 == 0; }
    std::size_t taken() const { return (static_cast<std::size_t>(std::bit_width(tags)) + 7) / 8; }
  };
  static_assert(2 * kMaxCapacity <= 1U << 16);

  static constexpr std::uint64_t kEachByte = 0x0101'0101'0101'0101;
  static constexpr std::uint64_t kTopBits = 0x8080'8080'8080'8080;

  /// At most half of all places are taken.
  static std::uint32_t groups(std::uint32_t capacity) {
    return std::max(std::bit_ceil(4 * capacity) / Group::kPlaces, std::uint32_t{1});
  }
  /// From the bits of the hint that do not tell the group.
  static std::uint64_t tag_of(std::uint32_t hint) { return std::max(hint >> 24, std::uint32_t{1}); }
  static_assert(4 * kMaxCapacity / Group::kPlaces <= 1U << 24);
  /// The top bit of each byte that is 0; a byte above such a one may be told falsely, which the look at the
  /// key puts right.
  static std::uint64_t zero_bytes(std::uint64_t word) { return (word - kEachByte) & ~word & kTopBits; }

  Item* find(const Key& key, std::uint32_t hint) {
    const std::uint64_t wanted = tag_of(hint) * kEachByte;
    for (std::uint32_t at = hint & group_mask_;; at = (at + 1) & group_mask_) {
      const Group& group = groups_[at];
      for (std::uint64_t found = zero_bytes(group.tags ^ wanted); found != 0; found &= found - 1) {
        Item& item = items_[group.item[static_cast<std::size_t>(std::countr_zero(found)) / 8]];
        if (same(item.key, key)) [[likely]]
          return &item;
      }
      if (group.has_room()) [[likely]]
        return nullptr;
    }
  }

  /// Puts an item into the hash table, which must not hold its key.
  void index(std::size_t place) {
    const std::uint32_t hint = items_[place].position_hint;
    std::uint32_t at = hint & group_mask_;
    while (!groups_[at].has_room()) [[unlikely]]
      at = (at + 1) & group_mask_;
    Group& group = groups_[at];
    const std::size_t taken = group.taken();
    group.tags |= tag_of(hint) << (8 * taken);
    group.item[taken] = static_cast<std::uint16_t>(place);
  }

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
    std::fill(groups_.begin(), groups_.end(), Group{});
    for (std::size_t place = 0; place < items_.size(); ++place) index(place);
  }

  KeyedHash hash_;
  std::uint32_t capacity_;
  std::size_t max_items_;
  std::uint32_t group_mask_;
  std::vector<Group> groups_;
  std::vector<Item> items_;
  std::vector<std::uint64_t> uppers_;  ///< purge()'s scratch
  std::uint64_t offset_ = 0;
  std::uint64_t total_bytes_ = 0;
};

}  // namespace wireglass
