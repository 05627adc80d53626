#include "meter/mapped_array.hpp"

#include <sys/mman.h>

#include <new>

namespace wireglass {

namespace {

constexpr std::size_t kPageBytes = 4'096;
constexpr std::size_t kHugePageBytes = 2 << 20;

std::size_t round_up(std::size_t size_bytes, std::size_t unit_bytes) {
  return (size_bytes + unit_bytes - 1) / unit_bytes * unit_bytes;
}

std::byte* map(std::size_t size_bytes) {
  void* memory =
      mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return static_cast<std::byte*>(memory);
}

/// Maps one huge page more than asked and gives back what lies outside the aligned part.
std::byte* map_huge(std::size_t size_bytes) {
  std::byte* memory = map(size_bytes + kHugePageBytes);
  const std::size_t misplaced = reinterpret_cast<std::uintptr_t>(memory) % kHugePageBytes;
  const std::size_t before = misplaced == 0 ? 0 : kHugePageBytes - misplaced;
  if (before > 0) munmap(memory, before);
  munmap(memory + before + size_bytes, kHugePageBytes - before);
  madvise(memory + before, size_bytes, MADV_HUGEPAGE);
  return memory + before;
}

}  // namespace

MappedMemory::MappedMemory(std::size_t size_bytes) : mapped_bytes_(footprint_bytes(size_bytes)) {
  data_ = mapped_bytes_ >= kHugePageBytes ? map_huge(mapped_bytes_) : map(mapped_bytes_);
}

MappedMemory::~MappedMemory() { munmap(data_, mapped_bytes_); }

std::size_t MappedMemory::footprint_bytes(std::size_t size_bytes) {
  return round_up(size_bytes, size_bytes >= kHugePageBytes ? kHugePageBytes : kPageBytes);
}

}  // namespace wireglass
