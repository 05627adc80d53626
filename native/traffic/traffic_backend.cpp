#include "traffic/traffic_backend.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "base/clock.hpp"
#include "packet/block_pool.hpp"

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
  /// The packets of a batch lie in one block.
  static constexpr std::size_t kBlockBytes = 512 * 1024;
  static constexpr std::size_t kMaxBlocksBytes = std::size_t{64} << 20;
  /// A reader that is further behind (a stopped process, a suspended machine) goes on from here, without a
  /// burst.
  static constexpr TimeNs kMaxLagNs = kSecondNs;

  void fetch();
  void fill(PacketBatch& batch, PacketBlock& block, TimeNs now_ns);
  TimeNs due_ns() const { return pending_.timestamp_ns + steady_minus_trace_ns_; }

  TrafficProfile profile_;
  bool paced_;
  bool has_pending_ = false;
  bool draining_ = false;
  TimeNs drain_ns_ = 0;  ///< packets due later are not taken in any more
  TimeNs steady_minus_trace_ns_ = 0;
  TimeNs last_timestamp_ns_ = 0;
  std::uint64_t delivered_ = 0;
  SystemClock clock_;
  std::unique_ptr<TrafficGenerator> generator_;
  PacketView pending_;  ///< made, not delivered; its bytes lie in the generator
  BlockPool pool_{kBlockBytes, kMaxBlocksBytes};
  std::vector<InterfaceInfo> interfaces_;
};

Result<void> TrafficBackend::open() {
  auto generator = make_generator(profile_);
  if (!generator.ok()) return generator.error();
  generator_ = std::move(generator.value());
  interfaces_.push_back({"traffic", LinkType::kEthernet, profile_.snaplen});
  fetch();
  if (has_pending_) steady_minus_trace_ns_ = steady_now() - pending_.timestamp_ns;
  return {};
}

void TrafficBackend::fetch() { has_pending_ = generator_->next(pending_); }

void TrafficBackend::fill(PacketBatch& batch, PacketBlock& block, TimeNs now_ns) {
  // Not from `now_ns`, which a drain holds back.
  const TimeNs clock_minus_steady_ns = paced_ ? clock_.now() - steady_now() : 0;
  std::size_t used = 0;
  while (has_pending_ && !batch.full() && used + pending_.captured_length <= block.capacity()) {
    if (paced_ && due_ns() > now_ns) break;
    PacketView packet = pending_;
    packet.data = block.data() + used;
    std::memcpy(block.data() + used, pending_.data, pending_.captured_length);
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
  const TimeNs deadline_ns = steady_now() + std::max(timeout_ms, 0) * kMillisecondNs;
  for (;;) {
    if (!has_pending_ || (draining_ && !paced_)) return ReadStatus::kEnd;
    TimeNs now_ns = steady_now();
    if (now_ns - due_ns() > kMaxLagNs) steady_minus_trace_ns_ += now_ns - due_ns();
    if (draining_) now_ns = std::min(now_ns, drain_ns_);
    PacketBlock* block = pool_.take(kBlockBytes);
    if (block == nullptr) return ReadStatus::kTimeout;
    batch.lease_from(block);
    fill(batch, *block, now_ns);
    if (!batch.packets().empty()) return ReadStatus::kPackets;
    batch.release();
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
