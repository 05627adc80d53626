#include "meter/flow_index.hpp"

namespace wireglass {

void FlowIndex::insert(std::uint32_t tag, EntryNumber entry) {
  for (std::uint32_t position = home(tag);; position = next(position)) {
    Bucket& bucket = buckets_[position];
    if (const std::uint32_t free = bucket.matching(0); free != 0) {
      bucket.put(static_cast<unsigned>(std::countr_zero(free)), fingerprint(tag), entry);
      return;
    }
    if (bucket.overflowed != kManyOverflowed) ++bucket.overflowed;
  }
}

void FlowIndex::erase(std::uint32_t tag, EntryNumber entry) {
  const std::uint8_t wanted = fingerprint(tag);
  for (std::uint32_t position = home(tag);; position = next(position)) {
    Bucket& bucket = buckets_[position];
    for (std::uint32_t hits = bucket.matching(wanted); hits != 0; hits &= hits - 1) {
      const auto slot = static_cast<unsigned>(std::countr_zero(hits));
      if (bucket.entry(slot) != entry) continue;
      bucket.fingerprints[slot] = 0;
      return;
    }
    if (bucket.overflowed != kManyOverflowed) --bucket.overflowed;
  }
}

}  // namespace wireglass
