#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "meter/flow_entry.hpp"
#include "meter/mapped_array.hpp"

namespace wireglass {

/// Points in time as unsigned numbers in the same order, so that sums can saturate instead of overflowing:
/// time stamps of a file may be anything.
using WheelTime = std::uint64_t;

/// Entries in the order in which they may come due: a timing wheel of kBuckets buckets, each one tick wide.
/// It is lazy: a deadline that moved back is found out when the entry's bucket comes up, and then the owner
/// places the entry anew. Deadlines beyond the horizon wait in the last bucket. All operations are O(1) but
/// advance_to, whose cost is that of the buckets in use that it passes, however far the time jumps.
class ExpiryWheel {
 public:
  static constexpr std::uint32_t kBuckets = 4'096;

  ExpiryWheel(std::uint32_t max_entries, unsigned tick_shift);

  /// Queues an entry that is not in the wheel, behind those of the same tick.
  void insert(EntryNumber entry, WheelTime deadline);
  void remove(EntryNumber entry);
  /// Queues an entry that is in the wheel anew.
  void move(EntryNumber entry, WheelTime deadline) {
    remove(entry);
    insert(entry, deadline);
  }

  /// Moves every bucket that ended before `now` to the due list. Time that stands still or goes back changes
  /// nothing.
  void advance_to(WheelTime now);
  /// Starts anew at `now`, whatever the time was; the wheel must be empty.
  void restart_at(WheelTime now) { position_ = now >> tick_shift_; }

  /// First entry whose bucket has ended, else kNoEntry.
  EntryNumber first_due() const;
  /// The first entries whose buckets have ended, as many as there are and fit. They stay queued.
  std::size_t peek_due(std::span<EntryNumber> entries) const;
  /// First entry of the earliest bucket in use that has not ended, else kNoEntry.
  EntryNumber first_waiting() const;
  /// The entry that many places behind `entry` in its bucket or in the due list, else kNoEntry.
  EntryNumber following(EntryNumber entry, unsigned places) const {
    while (places-- > 0 && entry < max_entries_) entry = links_[entry].next;
    return entry < max_entries_ ? entry : kNoEntry;
  }
  /// Whether the earliest bucket in use is the one of `deadline` or a later one.
  bool waits_for(WheelTime deadline) const { return (deadline >> tick_shift_) <= earliest_tick(); }

  static std::uint64_t footprint_bytes(std::uint32_t max_entries) {
    return MappedArray<Link>::footprint_bytes(node_count(max_entries));
  }

 private:
  struct Link {
    std::uint32_t next;
    std::uint32_t previous;
  };
  static constexpr std::uint32_t kWordBits = 64;
  static constexpr std::uint32_t kWords = kBuckets / kWordBits;
  static_assert(kWords == kWordBits, "one word summarises the others");
  static constexpr std::uint64_t kNoTick = ~std::uint64_t{0};

  /// Behind the entries: a sentinel for each bucket and one for the due list, each closing its list to a
  /// ring.
  static std::size_t node_count(std::uint32_t max_entries) { return std::size_t{max_entries} + kBuckets + 1; }
  std::uint32_t bucket_sentinel(std::uint64_t tick) const {
    return max_entries_ + static_cast<std::uint32_t>(tick % kBuckets);
  }
  std::uint32_t due_sentinel() const { return max_entries_ + kBuckets; }

  std::uint64_t earliest_tick() const;
  void append(std::uint32_t sentinel, EntryNumber entry);
  void splice_to_due(std::uint32_t sentinel);
  void mark_used(std::uint32_t bucket);
  void mark_empty(std::uint32_t bucket);

  MappedArray<Link> links_;
  std::uint32_t max_entries_;
  unsigned tick_shift_;
  std::uint64_t position_ =
      0;  ///< tick of the earliest bucket; all others are within the next kBuckets - 1 ticks
  std::uint64_t used_words_ = 0;
  std::array<std::uint64_t, kWords> used_buckets_{};
};

}  // namespace wireglass
