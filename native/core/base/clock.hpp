#pragma once

#include <ctime>

#include "base/time.hpp"

namespace wireglass {

/// Where a component takes the time of day from; tests bring a ManualClock.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimeNs now() const = 0;
};

class SystemClock final : public Clock {
 public:
  TimeNs now() const override {
    timespec time{};
    clock_gettime(CLOCK_REALTIME, &time);
    return static_cast<TimeNs>(time.tv_sec) * kSecondNs + time.tv_nsec;
  }
};

/// Stands still until told otherwise.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimeNs start = 0) : now_(start) {}
  TimeNs now() const override { return now_; }
  void advance(TimeNs by) { now_ += by; }

 private:
  TimeNs now_;
};

}  // namespace wireglass
