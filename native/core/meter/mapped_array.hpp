#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace wireglass {

/// Zeroed memory straight from the kernel, which provides a page when it is first touched; in huge pages
/// where the size is worth it, so that a table of millions of entries does not miss the TLB on each packet.
class MappedMemory {
 public:
  /// Throws std::bad_alloc when the address space cannot be had.
  explicit MappedMemory(std::size_t size_bytes);
  ~MappedMemory();
  MappedMemory(const MappedMemory&) = delete;
  MappedMemory& operator=(const MappedMemory&) = delete;

  std::byte* data() const { return data_; }

  /// What a mapping of `size_bytes` occupies once every page is touched.
  static std::size_t footprint_bytes(std::size_t size_bytes);

 private:
  std::byte* data_ = nullptr;
  std::size_t mapped_bytes_ = 0;
};

/// A fixed number of zeroed items in MappedMemory. All bytes 0 must be a valid item.
template <class Item>
class MappedArray {
  static_assert(std::is_trivially_copyable_v<Item> && std::is_trivially_destructible_v<Item>);

 public:
  explicit MappedArray(std::size_t count)
      : memory_(count * sizeof(Item)), items_(reinterpret_cast<Item*>(memory_.data())) {}

  Item& operator[](std::size_t position) { return items_[position]; }
  const Item& operator[](std::size_t position) const { return items_[position]; }

  static std::size_t footprint_bytes(std::size_t count) {
    return MappedMemory::footprint_bytes(count * sizeof(Item));
  }

 private:
  MappedMemory memory_;
  Item* items_;
};

}  // namespace wireglass
