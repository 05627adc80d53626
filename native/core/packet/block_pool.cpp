#include "packet/block_pool.hpp"

#include <algorithm>

namespace wireglass {

BlockPool::BlockPool(std::size_t block_bytes, std::size_t limit_bytes)
    : block_bytes_(std::max<std::size_t>(block_bytes, 1)), limit_bytes_(limit_bytes) {}

PacketBlock* BlockPool::take(std::size_t bytes, Limit limit) {
  // In order of age, so that few blocks are used over and over and stay in the processor's caches.
  for (const auto& block : blocks_) {
    if (block->holders() == 0 && block->capacity() >= bytes) {
      block->hold();
      return block.get();
    }
  }
  const std::size_t wanted = std::max(bytes, block_bytes_);
  if (total_bytes_ + wanted > limit_bytes_) drop_unused();
  if (total_bytes_ + wanted > limit_bytes_ && limit == Limit::kKeep) return nullptr;
  blocks_.push_back(std::make_unique<PacketBlock>(wanted));
  total_bytes_ += wanted;
  blocks_.back()->hold();
  return blocks_.back().get();
}

void BlockPool::drop_unused() {
  std::erase_if(blocks_, [this](const std::unique_ptr<PacketBlock>& block) {
    if (block->holders() > 0) return false;
    total_bytes_ -= block->capacity();
    return true;
  });
}

}  // namespace wireglass
