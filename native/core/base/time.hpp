#pragma once

#include <cstdint>

namespace wireglass {

/// A point in time or a duration, in nanoseconds; points count from 1970-01-01T00:00:00Z.
using TimeNs = std::int64_t;

inline constexpr TimeNs kMicrosecondNs = 1'000;
inline constexpr TimeNs kMillisecondNs = 1'000'000;
inline constexpr TimeNs kSecondNs = 1'000'000'000;

}  // namespace wireglass
