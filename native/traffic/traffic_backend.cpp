#include "traffic/traffic_backend.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "base/clock.hpp"

namespace wireglass {
namespace {

using SteadyClock = std::chrono::steady_clock;

TimeNs steady_now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(SteadyClock::now().time_since_epoch()).count();
}

class TrafficBackend final : public CaptureBackend {
 public:
  TrafficBackend(TrafficProfile profile, bool paced) : profile_(std::move(profile)), paced_(paced) {}

  std::string_view name() const override { return "traffic"; }
  bool is_live() const override { return paced_; }
  Result<void> open() override;
  ReadStatus read(PacketBatch& batch, int timeout_ms) override;
  void begin_drain() override;
  std::span<const InterfaceInfo> interfaces() const override { return interfaces_; }
  CaptureCounters counters() override;
  double progress() const override;
  std::span<const Error> failures() const override { return {}; }

 private:
  /// One batch is out at a time; its packets lie here.
  static constexpr std::size_t kArenaBytes = 512 * 1024;
  /// A reader that is further behind (a stopped process, a suspended machine) goes on from here, without a
  /// burst.
  static constexpr TimeNs kMaxLagNs = kSecondNs;

  void return_lease() override { leased_ = false; }
  void fetch();
  void fill(PacketBatch& batch, TimeNs now_ns);
  TimeNs due_ns() const { return pending_.timestamp_ns + steady_minus_trace_ns_; }

  TrafficProfile profile_;
  bool paced_;
  bool leased_ = false;
  bool has_pending_ = false;
  bool draining_ = false;
  TimeNs drain_ns_ = 0;  ///< packets due later are not taken in any more
  TimeNs steady_minus_trace_ns_ = 0;
  TimeNs last_timestamp_ns_ = 0;
  std::uint64_t delivered_ = 0;
  SystemClock clock_;
  std::unique_ptr<TrafficGenerator> generator_;
  PacketView pending_;  ///< made, not delivered; its bytes lie in the generator
  std::vector<std::byte> arena_;
  std::vector<InterfaceInfo> interfaces_;
};

Result<void> TrafficBackend::open() {
  auto generator = make_generator(profile_);
  if (!generator.ok()) return generator.error();
  generator_ = std::move(generator.value());
  arena_.resize(kArenaBytes);
  interfaces_.push_back({"traffic", LinkType::kEthernet, profile_.snaplen});
  fetch();
  if (has_pending_) steady_minus_trace_ns_ = steady_now() - pending_.timestamp_ns;
  return {};
}

void TrafficBackend::fetch() { has_pending_ = generator_->next(pending_); }

void TrafficBackend::fill(PacketBatch& batch, TimeNs now_ns) {
  // Not from `now_ns`, which a drain holds back.
  const TimeNs clock_minus_steady_ns = paced_ ? clock_.now() - steady_now() : 0;
  std::size_t used = 0;
  while (has_pending_ && !batch.full() && used + pending_.captured_length <= arena_.size()) {
    if (paced_ && due_ns() > now_ns) break;
    PacketView packet = pending_;
    packet.data = arena_.data() + used;
    std::memcpy(arena_.data() + used, pending_.data, pending_.captured_length);
    used += pending_.captured_length;
    if (paced_) {
      // The clock may be set back meanwhile; time stamps rise all the same.
      last_timestamp_ns_ = std::max(last_timestamp_ns_ + 1, due_ns() + clock_minus_steady_ns);
      packet.timestamp_ns = last_timestamp_ns_;
    }
    batch.add(packet);
    ++delivered_;
    fetch();
  }
}

ReadStatus TrafficBackend::read(PacketBatch& batch, int timeout_ms) {
  if (leased_) return ReadStatus::kTimeout;
  const TimeNs deadline_ns = steady_now() + std::max(timeout_ms, 0) * kMillisecondNs;
  for (;;) {
    if (!has_pending_ || (draining_ && !paced_)) return ReadStatus::kEnd;
    TimeNs now_ns = steady_now();
    if (now_ns - due_ns() > kMaxLagNs) steady_minus_trace_ns_ += now_ns - due_ns();
    if (draining_) now_ns = std::min(now_ns, drain_ns_);
    fill(batch, now_ns);
    if (!batch.packets().empty()) {
      leased_ = true;
      batch.lease_from(this);
      return ReadStatus::kPackets;
    }
    if (draining_) return ReadStatus::kEnd;
    if (now_ns >= deadline_ns) return ReadStatus::kTimeout;
    std::this_thread::sleep_for(std::chrono::nanoseconds(std::min(due_ns(), deadline_ns) - now_ns));
  }
}

void TrafficBackend::begin_drain() {
  if (draining_) return;
  draining_ = true;
  drain_ns_ = steady_now();
}

CaptureCounters TrafficBackend::counters() {
  CaptureCounters counters;
  counters.offered = counters.delivered = delivered_;
  return counters;
}

double TrafficBackend::progress() const {
  if (paced_ || profile_.packets == 0) return -1;
  return static_cast<double>(delivered_) / static_cast<double>(profile_.packets);
}

}  // namespace

std::unique_ptr<CaptureBackend> make_traffic_backend(const TrafficProfile& profile, bool paced) {
  return std::make_unique<TrafficBackend>(profile, paced);
}

}  // namespace wireglass
