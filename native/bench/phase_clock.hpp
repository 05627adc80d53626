#pragma once

#include <cstdint>
#include <memory>

#include "capture/capture_backend.hpp"

namespace wireglass::bench {

/// Tells the CPU time of a run's phases apart: the packets that fill a table, those that find it full, and
/// what comes after the input's end. One thread at a time
/// writes it.
class PhaseClock {
 public:
  explicit PhaseClock(std::uint64_t warm_up_packets) : warm_up_packets_(warm_up_packets) {}

  /// `packets` are done with.
  void at(std::uint64_t packets);
  /// All are: there were `packets`.
  void end(std::uint64_t packets);

  double warm_up_cpu_seconds() const { return warm_cpu_seconds_; }
  std::uint64_t steady_packets() const { return packets_ - warm_packets_; }
  double steady_cpu_seconds() const { return end_cpu_seconds_ - warm_cpu_seconds_; }

 private:
  std::uint64_t warm_up_packets_;
  std::uint64_t packets_ = 0;
  std::uint64_t warm_packets_ = 0;
  bool warm_ = false;
  bool ended_ = false;  ///< the first end counts: every worker meets it
  double warm_cpu_seconds_ = 0;
  double end_cpu_seconds_ = 0;
};

/// A backend that does what `inner` does and tells `clock` how far it is.
std::unique_ptr<CaptureBackend> time_phases(std::unique_ptr<CaptureBackend> inner, PhaseClock& clock);

}  // namespace wireglass::bench
