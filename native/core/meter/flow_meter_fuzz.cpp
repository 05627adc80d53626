// Any sequence of packets, times and calls: no packet is lost or counted twice, and no record contradicts
// itself.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <vector>

#include "meter/flow_hash.hpp"
#include "meter/flow_meter.hpp"

namespace wireglass {
namespace {

/// One step of the input: a packet, or a call in place of one.
struct FuzzStep {
  std::int64_t time;
  std::uint16_t flow;
  std::uint8_t tcp_flags;
  std::uint8_t choices;
};

void require(bool holds) {
  if (!holds) std::abort();
}

class FuzzRun {
 public:
  FuzzRun() : meter_(config(), [this](const FlowRecord& record) { check(record); }) {}

  void take(const FuzzStep& step) {
    const bool jumps = (step.choices & 0x80) != 0;
    time_ = jumps ? step.time
                  : static_cast<TimeNs>(static_cast<std::uint64_t>(time_) + (step.time & 0xffff'ffff));
    switch (step.choices & 0x1f) {
      case 0:
        meter_.advance(time_);
        break;
      case 1:
        meter_.flush(EndReason::kForcedEnd);
        break;
      case 2:
        walk();
        break;
      default:
        meter_packet(step);
    }
  }

  void finish() {
    meter_.flush(EndReason::kForcedEnd);
    require(recorded_packets_ == packets_);
    require(meter_.counters().flows_live.value() == 0);
    require(meter_.counters().packets.value() == packets_);
  }

 private:
  static MeterConfig config() {
    MeterConfig config;
    config.max_flows = MeterConfig::kMinFlows;
    return config;
  }

  void meter_packet(const FuzzStep& step) {
    // The flows that a step may bring at once overflow the table soon, which single steps hardly would.
    const std::size_t count = (step.choices & 0x40) != 0 ? 300 : 1;
    std::vector<PacketDigest> digests(count);
    std::vector<std::uint64_t> flow_ids(count);
    for (std::size_t packet = 0; packet < count; ++packet) {
      PacketDigest& digest = digests[packet];
      digest.key.addr_a.lo = step.flow + packet;
      digest.key.protocol = 6;
      digest.key.overlay = (step.flow & 1) != 0 ? Overlay::kLisp : Overlay::kNone;
      digest.hash = hash_(digest.key);
      digest.timestamp_ns = time_;
      digest.ip_bytes = 1;
      digest.tcp_flags = step.tcp_flags;
      digest.from_b = (step.choices & 0x20) != 0;
      digest.segment = step.flow % 3;
    }
    meter_.meter(digests, flow_ids);
    packets_ += count;
    for (const std::uint64_t flow_id : flow_ids) require(flow_id != 0);
  }

  void walk() const {
    std::uint32_t position = 0;
    std::uint64_t shown = 0;
    do {
      position = meter_.snapshot(position, 100, [&](const FlowRecord&) { ++shown; });
    } while (position != 0);
    require(shown <= meter_.counters().flows_live.value());
  }

  void check(const FlowRecord& record) {
    require(record.start_ns <= record.end_ns);
    require(record.packets + record.rev_packets > 0);
    require(record.packets + record.rev_packets == record.bytes + record.rev_bytes);
    require(record.end_reason != EndReason::kLive);
    require(record.first_segment <= 2 && (record.first_segment == 0) == (record.last_segment == 0));
    recorded_packets_ += record.packets + record.rev_packets;
  }

  FlowHash hash_{1};
  FlowMeter meter_;
  TimeNs time_ = 0;
  std::uint64_t packets_ = 0;
  std::uint64_t recorded_packets_ = 0;
};

}  // namespace
}  // namespace wireglass

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  wireglass::FuzzRun run;
  for (std::size_t at = 0; at + sizeof(wireglass::FuzzStep) <= size; at += sizeof(wireglass::FuzzStep)) {
    wireglass::FuzzStep step;
    std::memcpy(&step, data + at, sizeof(step));
    run.take(step);
  }
  run.finish();
  return 0;
}
