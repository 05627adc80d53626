#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "traffic/wire.hpp"

namespace wireglass {

/// Random payload whose word sums are known in advance, so that a checksum over 1 460 bytes costs as much as
/// one over none, and bytes behind the snaplen need not be touched.
class PayloadPool {
 public:
  static constexpr std::uint32_t kMaxPayloadBytes = 65536;
  static constexpr std::uint32_t kOffsets = 1024;

  explicit PayloadPool(std::uint64_t seed);

  /// Payload number `offset`, below kOffsets; at least kMaxPayloadBytes long.
  const std::byte* bytes(std::uint32_t offset) const { return bytes_.data() + offset * 2; }

  /// word_sum() of its first `size` bytes.
  std::uint64_t sum(std::uint32_t offset, std::uint32_t size) const {
    const std::uint32_t end = offset + size / 2;
    const std::uint64_t sum = sums_[end] - sums_[offset];
    return size % 2 == 0 ? sum : sum + (std::to_integer<std::uint64_t>(bytes_[end * 2]) << 8);
  }

 private:
  std::vector<std::byte> bytes_;
  std::vector<std::uint64_t> sums_;  ///< [n]: of the first n 16-bit words
};

}  // namespace wireglass
