#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace wireglass {

/// Puts the pieces of a message together in a buffer of its owner, whatever their order; of overlapping
/// pieces the first one stays.
class Assembly {
 public:
  static constexpr std::size_t kMaxRanges = 16;

  enum class Add : std::uint8_t {
    kAdded,  ///< or nothing new in it
    kTooManyGaps,
  };

  /// `offset` counts from the message's first byte and may be negative: what is in front is left out, as is
  /// what lies beyond the buffer.
  Add add(std::span<std::byte> buffer, std::int64_t offset, std::span<const std::byte> piece);

  /// Bytes from the message's first on without a gap.
  std::size_t contiguous() const { return count_ > 0 && ranges_[0].begin == 0 ? ranges_[0].end : 0; }
  /// Bytes of the buffer that are in use, gaps among them.
  std::size_t extent() const { return count_ > 0 ? ranges_[count_ - 1].end : 0; }

 private:
  /// Sorted, with gaps between them.
  struct Range {
    std::uint32_t begin;
    std::uint32_t end;
  };

  std::array<Range, kMaxRanges> ranges_{};
  std::uint8_t count_ = 0;
};

}  // namespace wireglass
