#pragma once

#include <cstdint>
#include <memory>

#include "capture/capture_backend.hpp"

namespace wireglass::bench {

/// Tells the CPU time of a run's phases apart: the packets that fill the cache, those that find it full, and
/// what comes after the input's end. Written by the worker, read after it has ended.
class PhaseClock {
 public:
  explicit PhaseClock(std::uint64_t warm_up_packets) : warm_up_packets_(warm_up_packets) {}

  void count(std::size_t packets);
  void end();

  double warm_up_cpu_seconds() const { return warm_cpu_seconds_; }
  std::uint64_t steady_packets() const { return packets_ - warm_packets_; }
  double steady_cpu_seconds() const { return end_cpu_seconds_ - warm_cpu_seconds_; }

 private:
  std::uint64_t warm_up_packets_;
  std::uint64_t packets_ = 0;
  std::uint64_t warm_packets_ = 0;
  bool warm_ = false;
  double warm_cpu_seconds_ = 0;
  double end_cpu_seconds_ = 0;
};

/// A backend that does what `inner` does and tells `clock` of every batch.
std::unique_ptr<CaptureBackend> time_phases(std::unique_ptr<CaptureBackend> inner, PhaseClock& clock);

}  // namespace wireglass::bench
