#pragma once

#include <cstdint>

#include "base/time.hpp"

namespace wireglass {

/// Turns the 64-bit time stamps of a PCAPNG interface into nanoseconds since 1970, by its if_tsresol and
/// if_tsoffset (draft-ietf-opsawg-pcapng section 4.2). A time that TimeNs cannot hold becomes the nearest it
/// can.
class TimestampScale {
 public:
  /// The resolution of an interface without if_tsresol: microseconds.
  static constexpr std::uint8_t kDefaultResolution = 6;

  TimestampScale() : TimestampScale(kDefaultResolution, 0) {}
  /// `resolution`: 10^-n, or 2^-n with the most significant bit set.
  TimestampScale(std::uint8_t resolution, std::int64_t offset_seconds);

  TimeNs to_ns(std::uint64_t ticks) const {
    if (ticks < exact_below_ticks_) return static_cast<TimeNs>(ticks) * tick_ns_ + offset_ns_;
    return to_ns_wide(ticks);
  }

 private:
  TimeNs to_ns_wide(std::uint64_t ticks) const;

  std::uint8_t resolution_;
  std::int64_t offset_seconds_;
  TimeNs tick_ns_ = 0;    ///< of resolutions of whole nanoseconds
  TimeNs offset_ns_ = 0;  ///< where it fits
  std::uint64_t exact_below_ticks_ = 0;
};

}  // namespace wireglass
