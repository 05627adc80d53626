#include "meter/flow_table.hpp"

namespace wireglass {

EntryNumber FlowTable::insert(const FlowKey& key, std::uint64_t hash) {
  EntryNumber number = first_free_;
  if (number == kNoEntry) {
    number = high_water_++;
  } else {
    first_free_ = entries_[number].tag;
  }
  FlowEntry& taken = entries_[number];
  taken.key = key;
  taken.tag = FlowIndex::tag_of(hash);
  taken.state = flow_state::kLive;
  index_.insert(taken.tag, number);
  ++live_;
  return number;
}

void FlowTable::erase(EntryNumber number) {
  FlowEntry& freed = entries_[number];
  index_.erase(freed.tag, number);
  freed.state = 0;
  freed.tag = first_free_;
  first_free_ = number;
  if (--live_ == 0) {
    // Starting afresh keeps a walk over the entries as short as the flows since then are many.
    first_free_ = kNoEntry;
    high_water_ = 0;
  }
}

}  // namespace wireglass
