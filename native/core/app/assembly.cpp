#include "app/assembly.hpp"

#include <algorithm>

namespace wireglass {

Assembly::Add Assembly::add(std::span<std::byte> buffer, std::int64_t offset,
                            std::span<const std::byte> piece) {
  const auto size = static_cast<std::int64_t>(piece.size());
  const std::int64_t first = std::max<std::int64_t>(offset, 0);
  const std::int64_t last = std::min<std::int64_t>(offset + size, static_cast<std::int64_t>(buffer.size()));
  if (first >= last) return Add::kAdded;
  const Range added{static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last)};

  // Ranges that touch the new one melt into it; the others keep their order around it.
  std::array<Range, kMaxRanges + 1> merged{};
  std::size_t merged_count = 0;
  Range joined = added;
  bool placed = false;
  for (const Range& range : std::span(ranges_).first(count_)) {
    if (range.end < added.begin) {
      merged[merged_count++] = range;
    } else if (range.begin > added.end) {
      if (!placed) merged[merged_count++] = joined;
      placed = true;
      merged[merged_count++] = range;
    } else {
      joined = {std::min(joined.begin, range.begin), std::max(joined.end, range.end)};
    }
  }
  if (!placed) merged[merged_count++] = joined;
  if (merged_count > kMaxRanges) return Add::kTooManyGaps;

  const auto copy = [&](std::uint32_t begin, std::uint32_t end) {
    if (begin >= end) return;
    const auto from = piece.subspan(static_cast<std::size_t>(begin - offset), end - begin);
    std::copy(from.begin(), from.end(), buffer.begin() + begin);
  };
  std::uint32_t at = added.begin;
  for (const Range& range : std::span(ranges_).first(count_)) {
    copy(at, std::min(range.begin, added.end));
    at = std::max(at, range.end);
  }
  copy(at, added.end);
  std::copy_n(merged.begin(), merged_count, ranges_.begin());
  count_ = static_cast<std::uint8_t>(merged_count);
  return Add::kAdded;
}

}  // namespace wireglass
