#include "bench/phase_clock.hpp"

#include <sys/resource.h>

#include <utility>

namespace wireglass::bench {
namespace {

double process_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class TimedBackend final : public CaptureBackend {
 public:
  TimedBackend(std::unique_ptr<CaptureBackend> inner, PhaseClock& clock)
      : inner_(std::move(inner)), clock_(clock) {}

  std::string_view name() const override { return inner_->name(); }
  bool is_live() const override { return inner_->is_live(); }
  Result<void> open() override { return inner_->open(); }
  /// Whoever reads on has done with what was read before.
  ReadStatus read(PacketBatch& batch, int timeout_ms) override {
    clock_.at(delivered_);
    const ReadStatus status = inner_->read(batch, timeout_ms);
    if (status == ReadStatus::kPackets) delivered_ += batch.packets().size();
    if (status == ReadStatus::kEnd) clock_.end(delivered_);
    return status;
  }
  void begin_drain() override { inner_->begin_drain(); }
  std::span<const InterfaceInfo> interfaces() const override { return inner_->interfaces(); }
  CaptureCounters counters() override { return inner_->counters(); }
  double progress() const override { return inner_->progress(); }
  std::span<const Error> failures() const override { return inner_->failures(); }

 private:
  std::unique_ptr<CaptureBackend> inner_;
  PhaseClock& clock_;
  std::uint64_t delivered_ = 0;
};

}  // namespace

void PhaseClock::at(std::uint64_t packets) {
  if (warm_ || packets < warm_up_packets_) return;
  warm_ = true;
  warm_packets_ = packets;
  warm_cpu_seconds_ = process_cpu_seconds();
}

void PhaseClock::end(std::uint64_t packets) {
  if (ended_) return;
  ended_ = true;
  at(packets);
  packets_ = packets;
  end_cpu_seconds_ = process_cpu_seconds();
}

std::unique_ptr<CaptureBackend> time_phases(std::unique_ptr<CaptureBackend> inner, PhaseClock& clock) {
  return std::make_unique<TimedBackend>(std::move(inner), clock);
}

}  // namespace wireglass::bench
