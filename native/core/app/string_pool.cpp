#include "app/string_pool.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace wireglass {
namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 33;  // a block's number has 28 bits

std::uint64_t rounded(std::uint64_t bytes) {
  return std::min(bytes, kMaxBytes) / StringPool::kMaxBlockBytes * StringPool::kMaxBlockBytes;
}

}  // namespace

StringPool::StringPool(std::uint64_t bytes)
    : unit_count_(static_cast<std::uint32_t>(rounded(bytes) / kUnitBytes)),
      units_(std::make_unique_for_overwrite<std::byte[]>(rounded(bytes))),
      states_(std::make_unique_for_overwrite<std::uint8_t[]>(unit_count_)) {
  first_free_.fill(kNone);
}

std::uint64_t StringPool::memory_bytes(std::uint64_t bytes) {
  return rounded(bytes) + rounded(bytes) / kUnitBytes;
}

StringPool::Links StringPool::links(std::uint32_t block) const {
  Links found;
  std::memcpy(&found, data(block), sizeof(found));
  return found;
}

void StringPool::set_links(std::uint32_t block, const Links& links) {
  std::memcpy(data(block), &links, sizeof(links));
}

void StringPool::push_free(std::uint32_t block, unsigned order) {
  const std::uint32_t next = first_free_[order];
  set_links(block, {kNone, next});
  if (next != kNone) set_links(next, {block, links(next).next});
  first_free_[order] = block;
  states_[block] = static_cast<std::uint8_t>(kFree | order);
}

void StringPool::remove_free(std::uint32_t block, unsigned order) {
  const Links around = links(block);
  if (around.previous == kNone) {
    first_free_[order] = around.next;
  } else {
    set_links(around.previous, {links(around.previous).previous, around.next});
  }
  if (around.next != kNone) set_links(around.next, {around.previous, links(around.next).next});
}

std::uint32_t StringPool::allocate(std::size_t bytes) {
  if (bytes > kMaxBlockBytes) return kNone;
  const std::size_t units = std::max<std::size_t>(1, (bytes + kUnitBytes - 1) / kUnitBytes);
  const auto order = static_cast<unsigned>(std::bit_width(units - 1));
  unsigned from = order;
  while (from <= kMaxOrder && first_free_[from] == kNone) ++from;
  std::uint32_t block = kNone;
  if (from <= kMaxOrder) {
    block = first_free_[from];
    remove_free(block, from);
  } else if (high_water_ < unit_count_) {
    block = high_water_;
    high_water_ += kMaxBlockUnits;
    from = kMaxOrder;
  } else {
    return kNone;
  }
  while (from > order) {
    --from;
    push_free(block + (1U << from), from);
  }
  states_[block] = static_cast<std::uint8_t>(order);
  used_bytes_ += kUnitBytes << order;
  return block;
}

void StringPool::release(std::uint32_t block) {
  unsigned order = states_[block] & kOrderMask;
  used_bytes_ -= kUnitBytes << order;
  for (; order < kMaxOrder; ++order) {
    const std::uint32_t buddy = block ^ (1U << order);
    if (states_[buddy] != (kFree | order)) break;
    remove_free(buddy, order);
    block = std::min(block, buddy);
  }
  push_free(block, order);
}

}  // namespace wireglass
