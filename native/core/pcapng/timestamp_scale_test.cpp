#include "pcapng/timestamp_scale.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace wireglass {
namespace {

constexpr TimeNs kLatest = std::numeric_limits<TimeNs>::max();
constexpr TimeNs kEarliest = std::numeric_limits<TimeNs>::min();
constexpr std::uint64_t kMostTicks = std::numeric_limits<std::uint64_t>::max();

struct Conversion {
  std::uint8_t resolution;
  std::int64_t offset_seconds;
  std::uint64_t ticks;
  TimeNs expected_ns;
};

TEST(TimestampScale, ConvertsEveryResolutionAndStaysWithinRange) {
  const std::vector<Conversion> conversions = {
      {6, 0, 1'700'000'000'123'456, 1'700'000'000'123'456'000},
      {9, 0, 1'700'000'000'123'456'789, 1'700'000'000'123'456'789},
      {0, 0, 4'323'283'200, 4'323'283'200 * kSecondNs},
      {3, 0, 1'500, 1'500 * kMillisecondNs},
      {12, 0, 1'999'999, 1'999},
      {28, 0, kMostTicks, 1},
      {29, 0, kMostTicks, 0},
      {127, 0, kMostTicks, 0},
      {0x80, 0, 7, 7 * kSecondNs},
      {0x80 | 8, 0, 1519128000ULL * 256 + 50, 1519128000'195'312'500},
      {0x80 | 32, 0, 1ULL << 31, kSecondNs / 2},
      {0x80 | 63, 0, 1ULL << 63, kSecondNs},
      {0x80 | 93, 0, kMostTicks, 1},
      {0x80 | 94, 0, kMostTicks, 0},
      {0xff, 0, kMostTicks, 0},
      {6, -10, 10'000'001, 1'000},
      {6, -10, 0, -10 * kSecondNs},
      {9, 1'000, 1, 1'000 * kSecondNs + 1},
      {0x80 | 10, 3, 1024, 4 * kSecondNs},
      {9, 0, static_cast<std::uint64_t>(kLatest) - 1, kLatest - 1},
      {9, 0, static_cast<std::uint64_t>(kLatest), kLatest},
      {9, 0, kMostTicks, kLatest},
      {6, 0, kMostTicks, kLatest},
      {0, 0, kMostTicks, kLatest},
      {9, 9'223'372'036, 900'000'000, kLatest},
      {9, kLatest, 0, kLatest},
      {9, kEarliest, kMostTicks, kEarliest},
      {6, -9'223'372'037, 1'000'000, -9'223'372'036 * kSecondNs},
  };
  for (const Conversion& conversion : conversions) {
    const TimestampScale scale(conversion.resolution, conversion.offset_seconds);
    EXPECT_EQ(scale.to_ns(conversion.ticks), conversion.expected_ns)
        << "resolution " << int{conversion.resolution} << ", offset " << conversion.offset_seconds
        << ", ticks " << conversion.ticks;
  }
}

}  // namespace
}  // namespace wireglass
