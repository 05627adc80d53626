#include "meter/path_table.hpp"

#include <algorithm>
#include <bit>

namespace wireglass {

namespace {

constexpr std::uint32_t kFlowsPerPath = 32;
constexpr std::uint32_t kMinPaths = 1'024;
constexpr std::uint32_t kMaxPaths = 65'536;

/// Two keys' worth of words: FlowHash knows no other shape.
FlowKey hashed_part(const FlowPath& path) {
  FlowKey key;
  key.addr_a = path.outer_src;
  key.addr_b = path.outer_dst;
  const std::uint64_t macs = path.src_mac * 0x9e37'79b9'7f4a'7c15 ^ path.dst_mac;
  key.port_a = static_cast<std::uint16_t>(macs);
  key.port_b = static_cast<std::uint16_t>(macs >> 16);
  key.tenant_id = static_cast<std::uint32_t>(macs >> 32);
  return key;
}

}  // namespace

std::uint32_t PathTable::slot_count(std::uint32_t max_flows) {
  return std::bit_floor(std::clamp(max_flows / kFlowsPerPath, kMinPaths, kMaxPaths));
}

PathTable::PathTable(std::uint32_t max_flows)
    : slots_(slot_count(max_flows)), buckets_(slot_count(max_flows)), slot_count_(slot_count(max_flows)) {}

PathTable::Number& PathTable::bucket_of(const FlowPath& path) {
  return buckets_[hash_(hashed_part(path)) & (slot_count_ - 1)];
}

PathTable::Number PathTable::acquire(const FlowPath& path) {
  if (last_ != kNone && slots_[last_].path == path && slots_[last_].references > 0) {
    ++slots_[last_].references;
    return last_;
  }
  if (path == FlowPath{}) return kNone;
  Number& bucket = bucket_of(path);
  for (Number number = bucket; number != kNone; number = slots_[number].next) {
    if (!(slots_[number].path == path)) continue;
    ++slots_[number].references;
    return last_ = number;
  }
  Number number = free_;
  if (number != kNone) {
    free_ = slots_[number].next;
  } else if (high_water_ < slot_count_ - 1) {
    number = high_water_++;
  } else {
    refused_.add();
    return kNone;
  }
  slots_[number] = {path, 1, bucket, 0};
  bucket = number;
  return last_ = number;
}

void PathTable::release(Number number) {
  if (number == kNone || --slots_[number].references > 0) return;
  Number* link = &bucket_of(slots_[number].path);
  while (*link != number) link = &slots_[*link].next;
  *link = slots_[number].next;
  slots_[number].next = free_;
  free_ = number;
}

std::uint64_t PathTable::footprint_bytes(std::uint32_t max_flows) {
  return MappedArray<Slot>::footprint_bytes(slot_count(max_flows)) +
         MappedArray<Number>::footprint_bytes(slot_count(max_flows));
}

}  // namespace wireglass
