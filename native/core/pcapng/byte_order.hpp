#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace wireglass {

/// Integers of a file whose byte order its header told: `swapped` when that is not this host's.
class FileByteOrder {
 public:
  FileByteOrder() = default;
  explicit FileByteOrder(bool swapped) : swapped_(swapped) {}

  bool swapped() const { return swapped_; }

  std::uint16_t u16(const std::byte* at) const {
    std::uint16_t value = 0;
    std::memcpy(&value, at, sizeof(value));
    return swapped_ ? __builtin_bswap16(value) : value;
  }
  std::uint32_t u32(const std::byte* at) const {
    std::uint32_t value = 0;
    std::memcpy(&value, at, sizeof(value));
    return swapped_ ? __builtin_bswap32(value) : value;
  }
  std::uint64_t u64(const std::byte* at) const {
    std::uint64_t value = 0;
    std::memcpy(&value, at, sizeof(value));
    return swapped_ ? __builtin_bswap64(value) : value;
  }

 private:
  bool swapped_ = false;
};

}  // namespace wireglass
