#pragma once

#include <bit>
#include <cstdint>

#include "meter/flow_entry.hpp"
#include "meter/mapped_array.hpp"

namespace wireglass {

/// From a key's hash to entry numbers: open addressing with linear probing over 8-byte slots, at most half of
/// them taken. The upper bits of a slot's tag are its home position, so erasing shifts the rest of the
/// cluster back (no tombstones) without looking at a single entry.
class FlowIndex {
 public:
  explicit FlowIndex(std::uint32_t max_entries)
      : slots_(slot_count(max_entries)),
        mask_(slot_count(max_entries) - 1),
        home_shift_(32 - static_cast<unsigned>(std::countr_zero(slot_count(max_entries)))) {}

  static std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash); }

  void prefetch(std::uint32_t tag) const { __builtin_prefetch(&slots_[home(tag)]); }

  /// First entry with this tag that `matches(entry number)` accepts, else kNoEntry.
  template <class Matches>
  EntryNumber find(std::uint32_t tag, Matches matches) const {
    for (std::uint32_t position = home(tag);; position = (position + 1) & mask_) {
      const Slot slot = slots_[position];
      if (slot.entry_plus_one == 0) return kNoEntry;
      if (slot.tag == tag && matches(slot.entry_plus_one - 1)) return slot.entry_plus_one - 1;
    }
  }

  /// The caller keeps the number of entries within what the index was made for.
  void insert(std::uint32_t tag, EntryNumber entry);

  /// The entry must be in the index under this tag.
  void erase(std::uint32_t tag, EntryNumber entry);

  static std::uint64_t footprint_bytes(std::uint32_t max_entries) {
    return MappedArray<Slot>::footprint_bytes(slot_count(max_entries));
  }

 private:
  struct Slot {
    std::uint32_t tag;
    std::uint32_t entry_plus_one;  ///< 0: free
  };
  static_assert(sizeof(Slot) == 8);

  static std::uint32_t slot_count(std::uint32_t max_entries) { return std::bit_ceil(max_entries * 2); }
  std::uint32_t home(std::uint32_t tag) const { return tag >> home_shift_; }

  MappedArray<Slot> slots_;
  std::uint32_t mask_;
  unsigned home_shift_;
};

}  // namespace wireglass
