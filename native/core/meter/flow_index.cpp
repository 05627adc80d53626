#include "meter/flow_index.hpp"

namespace wireglass {

void FlowIndex::insert(std::uint32_t tag, EntryNumber entry) {
  std::uint32_t position = home(tag);
  while (slots_[position].entry_plus_one != 0) position = (position + 1) & mask_;
  slots_[position] = {tag, entry + 1};
}

void FlowIndex::erase(std::uint32_t tag, EntryNumber entry) {
  std::uint32_t hole = home(tag);
  while (slots_[hole].entry_plus_one != entry + 1) hole = (hole + 1) & mask_;
  for (std::uint32_t position = (hole + 1) & mask_; slots_[position].entry_plus_one != 0;
       position = (position + 1) & mask_) {
    // A slot may move into the hole unless its home lies behind it: then probing would start past where it
    // went.
    const std::uint32_t distance_from_home = (position - home(slots_[position].tag)) & mask_;
    const std::uint32_t distance_from_hole = (position - hole) & mask_;
    if (distance_from_home < distance_from_hole) continue;
    slots_[hole] = slots_[position];
    hole = position;
  }
  slots_[hole] = {};
}

}  // namespace wireglass
