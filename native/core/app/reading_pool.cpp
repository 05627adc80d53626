#include "app/reading_pool.hpp"

namespace wireglass {
namespace {

std::vector<std::uint32_t> all_free(std::uint32_t count) {
  std::vector<std::uint32_t> numbers(count);
  for (std::uint32_t i = 0; i < count; ++i) numbers[i] = count - 1 - i;
  return numbers;
}

}  // namespace

ReadingPool::ReadingPool(std::uint32_t max_readings, std::uint32_t max_buffers)
    : readings_(max_readings),
      free_readings_(all_free(max_readings)),
      buffer_owners_(max_buffers, kNone),
      free_buffers_(all_free(max_buffers)),
      buffers_(std::make_unique_for_overwrite<std::byte[]>(std::size_t{max_buffers} * kBufferBytes)) {}

std::uint64_t ReadingPool::memory_bytes(std::uint32_t max_readings, std::uint32_t max_buffers) {
  return std::uint64_t{max_readings} * (sizeof(Reading) + sizeof(std::uint32_t)) +
         std::uint64_t{max_buffers} * (kBufferBytes + 2 * sizeof(std::uint32_t));
}

std::uint32_t ReadingPool::open() {
  if (free_readings_.empty() || buffer_owners_.empty()) return kNone;
  const std::uint32_t reading = free_readings_.back();
  free_readings_.pop_back();
  readings_[reading] = Reading();
  readings_[reading].buffer = take_buffer(reading);
  ++in_use_;
  return reading;
}

std::uint32_t ReadingPool::take_buffer(std::uint32_t reading) {
  std::uint32_t buffer = hand_;
  if (!free_buffers_.empty()) {
    buffer = free_buffers_.back();
    free_buffers_.pop_back();
  } else {
    readings_[buffer_owners_[buffer]].buffer = kNone;
    ++buffers_taken_;
    hand_ = hand_ + 1 == buffer_owners_.size() ? 0 : hand_ + 1;
  }
  buffer_owners_[buffer] = reading;
  return buffer;
}

void ReadingPool::close(std::uint32_t reading) {
  const std::uint32_t buffer = readings_[reading].buffer;
  if (buffer != kNone) {
    buffer_owners_[buffer] = kNone;
    free_buffers_.push_back(buffer);
  }
  free_readings_.push_back(reading);  // within the capacity that it began with
  --in_use_;
}

std::span<std::byte> ReadingPool::buffer(std::uint32_t reading) {
  const std::uint32_t buffer = readings_[reading].buffer;
  if (buffer == kNone) return {};
  return {buffers_.get() + std::size_t{buffer} * kBufferBytes, kBufferBytes};
}

}  // namespace wireglass
