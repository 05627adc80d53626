#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "meter/interval_meter.hpp"

namespace wireglass::testing {

/// A flow table as plain as can be, with an interval meter that counts its packets as the flow cache does.
class FlowsWithIntervals final : public IntervalFlows {
 public:
  FlowsWithIntervals(const IntervalConfig& config, SampleReceiver receiver)
      : intervals_(config, KeyedHash(3), *this, std::move(receiver)) {}

  void prefetch(std::uint32_t /*flow_number*/) const override {}
  IntervalFlow flow(std::uint32_t flow_number) const override {
    const Flow& flow = flows_[flow_number];
    return {&flow.key, flow.key.tenant_id, flow.forward_from_b, flow.bytes, flow.packets};
  }
  std::uint32_t& interval_slot(std::uint32_t flow_number) override { return flows_[flow_number].slot; }

  void meter(const PacketDigest& digest, std::uint32_t wire_bytes) {
    intervals_.count_captured(digest.interface_id, digest.timestamp_ns, wire_bytes);
    const auto [place, is_new] =
        by_key_.emplace(digest.key.words(), static_cast<std::uint32_t>(flows_.size()));
    const std::uint32_t number = place->second;
    if (is_new) {
      flows_.push_back({digest.key, digest.from_b, {}, {}, 0, digest.interface_id});
      intervals_.count_flow_start(digest);
    }
    Flow& flow = flows_[number];
    const bool forward = digest.from_b == flow.forward_from_b;
    if (!intervals_.count_packet(flow.slot, digest)) {
      intervals_.count_packet_in(number, flow.slot, this->flow(number), digest, forward);
    }
    flow.packets[forward ? 0 : 1] += 1;
    flow.bytes[forward ? 0 : 1] += digest.ip_bytes;
  }

  /// The flow's record ends, and with it its counters; the flow, too, when `ends`.
  void close_record(std::uint32_t number, bool ends) {
    Flow& flow = flows_[number];
    intervals_.take_over(flow.slot, this->flow(number));
    flow.packets = {};
    flow.bytes = {};
    if (!ends || by_key_.count(flow.key.words()) == 0) return;
    if (by_key_.at(flow.key.words()) != number) return;
    by_key_.erase(flow.key.words());
    intervals_.count_flow_end(flow.interface_id);
  }
  void close_all() {
    for (std::uint32_t number = 0; number < flows_.size(); ++number) close_record(number, true);
  }

  std::size_t size() const { return flows_.size(); }
  IntervalMeter& intervals() { return intervals_; }

 private:
  struct Flow {
    FlowKey key;
    bool forward_from_b = false;
    std::array<std::uint64_t, 2> bytes{};
    std::array<std::uint32_t, 2> packets{};
    std::uint32_t slot = 0;
    std::uint16_t interface_id = 0;
  };

  std::vector<Flow> flows_;
  std::map<FlowKey::Words, std::uint32_t> by_key_;
  IntervalMeter intervals_;
};

}  // namespace wireglass::testing
