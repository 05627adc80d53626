#include "pcapng/timestamp_scale.hpp"

#include <algorithm>
#include <limits>

namespace wireglass {
namespace {

__extension__ using Wide = __int128;

constexpr std::uint8_t kBinaryBit = 0x80;
constexpr int kNanosecondExponent = 9;
// 2^64 ticks are less than a nanosecond from these resolutions on.
constexpr int kDecimalBelowNs = kNanosecondExponent + 20;
constexpr int kBinaryBelowNs = 64 + 30;

Wide power_of_ten(int exponent) {
  Wide power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

Wide ticks_to_ns(std::uint64_t ticks, std::uint8_t resolution) {
  const int exponent = resolution & ~kBinaryBit;
  const Wide wide_ticks = ticks;
  if ((resolution & kBinaryBit) != 0) {
    return exponent >= kBinaryBelowNs ? Wide{0} : (wide_ticks * kSecondNs) >> exponent;
  }
  if (exponent <= kNanosecondExponent) return wide_ticks * power_of_ten(kNanosecondExponent - exponent);
  if (exponent >= kDecimalBelowNs) return 0;
  return wide_ticks / power_of_ten(exponent - kNanosecondExponent);
}

TimeNs clamp(Wide time_ns) {
  constexpr Wide kLowest = std::numeric_limits<TimeNs>::min();
  constexpr Wide kHighest = std::numeric_limits<TimeNs>::max();
  return static_cast<TimeNs>(std::clamp(time_ns, kLowest, kHighest));
}

}  // namespace

TimestampScale::TimestampScale(std::uint8_t resolution, std::int64_t offset_seconds)
    : resolution_(resolution), offset_seconds_(offset_seconds) {
  constexpr std::int64_t kOffsetLimitS = std::numeric_limits<TimeNs>::max() / kSecondNs;
  const bool whole_ns = resolution <= kNanosecondExponent;
  if (!whole_ns || offset_seconds < -kOffsetLimitS || offset_seconds > kOffsetLimitS) return;
  tick_ns_ = static_cast<TimeNs>(power_of_ten(kNanosecondExponent - resolution));
  offset_ns_ = offset_seconds * kSecondNs;
  exact_below_ticks_ = static_cast<std::uint64_t>(
      (std::numeric_limits<TimeNs>::max() - std::max<TimeNs>(offset_ns_, 0)) / tick_ns_);
}

TimeNs TimestampScale::to_ns_wide(std::uint64_t ticks) const {
  return clamp(ticks_to_ns(ticks, resolution_) + Wide{offset_seconds_} * kSecondNs);
}

}  // namespace wireglass
