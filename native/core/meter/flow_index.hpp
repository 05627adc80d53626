#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "meter/flow_entry.hpp"
#include "meter/mapped_array.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace wireglass {

/// From a key's hash to entry numbers: buckets of one cache line with room for kSlots entries, at most two
/// thirds of it taken on average. What a full bucket has no room for stands in the next one that has, and
/// each bucket passed counts it, so that a lookup goes on only where something did overflow and erasing needs
/// no tombstones. A lookup compares all fingerprints of a bucket at once and touches no entry that does not
/// match.
class FlowIndex {
 public:
  static constexpr unsigned kSlots = 15;

  explicit FlowIndex(std::uint32_t max_entries)
      : buckets_(bucket_count(max_entries)), bucket_count_(bucket_count(max_entries)) {}

  static std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash); }

  void prefetch(std::uint32_t tag) const { __builtin_prefetch(&buckets_[home(tag)], 1); }

  /// First entry with this tag's fingerprint that `matches(entry number)` accepts, else kNoEntry.
  template <class Matches>
  EntryNumber find(std::uint32_t tag, Matches matches) const {
    const std::uint8_t wanted = fingerprint(tag);
    std::uint32_t passed = 0;
    for (std::uint32_t position = home(tag);; position = next(position)) {
      const Bucket& bucket = buckets_[position];
      for (std::uint32_t hits = bucket.matching(wanted); hits != 0; hits &= hits - 1) {
        const EntryNumber entry = bucket.entry(static_cast<unsigned>(std::countr_zero(hits)));
        if (matches(entry)) return entry;
      }
      if (bucket.overflowed == 0 || ++passed == bucket_count_) return kNoEntry;
    }
  }

  /// The caller keeps the number of entries within what the index was made for.
  void insert(std::uint32_t tag, EntryNumber entry);

  /// The entry must be in the index under this tag.
  void erase(std::uint32_t tag, EntryNumber entry);

  static std::uint64_t footprint_bytes(std::uint32_t max_entries) {
    return MappedArray<Bucket>::footprint_bytes(bucket_count(max_entries));
  }

 private:
  static constexpr std::uint32_t kEntriesPerBucket = 10;
  /// An overflow count that has come this far stays: such a bucket is always passed.
  static constexpr std::uint8_t kManyOverflowed = 255;
  static constexpr std::uint32_t kNumberMask = 0xff'ffff;
  static constexpr std::uint32_t kNumberBytes = 3;

  struct alignas(64) Bucket {
    std::array<std::uint8_t, kSlots> fingerprints;  ///< 0: free
    std::uint8_t overflowed;                        ///< entries that belong here or before and stand behind
    std::array<std::uint8_t, kSlots * kNumberBytes> numbers;
    std::array<std::uint8_t, 3> unused;  ///< reading the last number takes a byte of it

    /// A bit for each slot with this fingerprint.
    std::uint32_t matching(std::uint8_t wanted) const {
#if defined(__SSE2__)
      const __m128i all = _mm_load_si128(reinterpret_cast<const __m128i*>(fingerprints.data()));
      const __m128i equal = _mm_cmpeq_epi8(all, _mm_set1_epi8(static_cast<char>(wanted)));
      return static_cast<std::uint32_t>(_mm_movemask_epi8(equal)) & ((1U << kSlots) - 1);
#else
      std::uint32_t hits = 0;
      for (unsigned slot = 0; slot < kSlots; ++slot) {
        hits |= static_cast<std::uint32_t>(fingerprints[slot] == wanted) << slot;
      }
      return hits;
#endif
    }

    EntryNumber entry(unsigned slot) const {
      std::uint32_t number = 0;
      std::memcpy(&number, numbers.data() + std::size_t{slot} * kNumberBytes, sizeof(number));
      return number & kNumberMask;
    }
    void put(unsigned slot, std::uint8_t fingerprint, EntryNumber entry) {
      fingerprints[slot] = fingerprint;
      std::memcpy(numbers.data() + std::size_t{slot} * kNumberBytes, &entry, kNumberBytes);
    }
  };
  static_assert(sizeof(Bucket) == 64, "one cache line");
  static_assert(std::endian::native == std::endian::little, "a number's low bytes come first");

  static std::uint32_t bucket_count(std::uint32_t max_entries) { return max_entries / kEntriesPerBucket + 1; }
  /// From the tag's upper bits; the fingerprint from its lower ones.
  std::uint32_t home(std::uint32_t tag) const {
    return static_cast<std::uint32_t>((std::uint64_t{tag} * bucket_count_) >> 32);
  }
  std::uint32_t next(std::uint32_t position) const {
    return position + 1 == bucket_count_ ? 0 : position + 1;
  }
  static std::uint8_t fingerprint(std::uint32_t tag) {
    const auto low = static_cast<std::uint8_t>(tag);
    return low != 0 ? low : std::uint8_t{1};
  }

  MappedArray<Bucket> buckets_;
  std::uint32_t bucket_count_;
};

}  // namespace wireglass
