#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <vector>

#include "meter/flow_meter.hpp"

namespace wireglass::testing {

/// FlowMeter's plain twin: the same rules about records and flows, said as simply as possible, with a map
/// instead of table and wheel, no limit, and no expiry but at a flow's next packet and at the end.
class PlainMeter {
 public:
  explicit PlainMeter(const MeterConfig& config) : config_(config), next_flow_id_(config.first_flow_id) {}

  std::uint64_t meter(const PacketDigest& digest) {
    if (digest.timestamp_ns + config_.idle_timeouts.tcp_ns < now_) {
      flush(EndReason::kForcedEnd);
      now_ = digest.timestamp_ns;
    }
    now_ = std::max(now_, digest.timestamp_ns);
    const auto found = flows_.find(digest.key.words());
    if (found == flows_.end()) return count(flows_[digest.key.words()] = new_flow(digest), digest);

    Flow& flow = found->second;
    const bool over = now_ > quiet_deadline(flow);
    const bool again = ended(flow) && (digest.tcp_flags & 0x12) == 0x02;
    if (over || again) {
      close(flow, again && !over && now_ <= active_deadline(flow) ? EndReason::kEndOfFlow : reason_for(flow));
      flow = new_flow(digest);
    } else if (now_ > active_deadline(flow)) {
      close(flow, reason_for(flow));
      open_record(flow, digest, flow.record.record_index + 1);
    }
    return count(flow, digest);
  }

  void flush(EndReason reason) {
    for (auto& [key, flow] : flows_) {
      const bool due = now_ > quiet_deadline(flow) || now_ > active_deadline(flow);
      close(flow, due || ended(flow) ? reason_for(flow) : reason);
    }
    flows_.clear();
  }

  const std::vector<FlowRecord>& records() const { return records_; }

 private:
  struct Flow {
    FlowRecord record;
    FlowKey key;
    bool forward_from_b = false;
    bool fin_forward = false;
    bool fin_reverse = false;
    bool lingers = false;
  };

  static bool ended(const Flow& flow) { return flow.lingers || (flow.fin_forward && flow.fin_reverse); }
  TimeNs quiet_deadline(const Flow& flow) const {
    const TimeNs limit =
        flow.lingers ? std::min(config_.idle_timeouts.tcp_ns, kSecondNs) : config_.idle_timeouts.tcp_ns;
    return flow.record.end_ns + limit;
  }
  TimeNs active_deadline(const Flow& flow) const {
    return flow.record.start_ns + config_.active_timeouts.tcp_ns;
  }
  EndReason reason_for(const Flow& flow) const {
    if (ended(flow)) return EndReason::kEndOfFlow;
    return active_deadline(flow) < quiet_deadline(flow) ? EndReason::kActiveTimeout : EndReason::kIdleTimeout;
  }

  Flow new_flow(const PacketDigest& digest) {
    Flow flow;
    const bool syn = (digest.tcp_flags & 0x02) != 0;
    const bool syn_ack = (digest.tcp_flags & 0x12) == 0x12;
    flow.key = digest.key;
    flow.forward_from_b = syn_ack ? !digest.from_b : digest.from_b;
    flow.record.flow_id = next_flow_id_;
    next_flow_id_ += config_.flow_id_stride;
    flow.record.observation_domain = config_.observation_domain;
    flow.record.ingress_interface = digest.interface_id;
    flow.record.src_addr = flow.forward_from_b ? digest.key.addr_b : digest.key.addr_a;
    flow.record.dst_addr = flow.forward_from_b ? digest.key.addr_a : digest.key.addr_b;
    flow.record.src_port = flow.forward_from_b ? digest.key.port_b : digest.key.port_a;
    flow.record.dst_port = flow.forward_from_b ? digest.key.port_a : digest.key.port_b;
    flow.record.protocol = digest.key.protocol;
    flow.record.biflow_direction = syn ? BiflowDirection::kInitiator : BiflowDirection::kArbitrary;
    flow.record.recording = config_.recording;
    open_record(flow, digest, 0);
    return flow;
  }

  static void open_record(Flow& flow, const PacketDigest& digest, std::uint32_t record_index) {
    FlowRecord& record = flow.record;
    record.record_index = record_index;
    record.start_ns = digest.timestamp_ns;
    record.end_ns = digest.timestamp_ns;
    record.packets = record.bytes = record.rev_packets = record.rev_bytes = 0;
    record.tcp_flags = record.rev_tcp_flags = 0;
    record.first_segment = record.last_segment = 0;
  }

  static std::uint64_t count(Flow& flow, const PacketDigest& digest) {
    FlowRecord& record = flow.record;
    const bool forward = digest.from_b == flow.forward_from_b;
    (forward ? record.packets : record.rev_packets) += 1;
    (forward ? record.bytes : record.rev_bytes) += digest.ip_bytes;
    (forward ? record.tcp_flags : record.rev_tcp_flags) |= digest.tcp_flags;
    record.start_ns = std::min(record.start_ns, digest.timestamp_ns);
    record.end_ns = std::max(record.end_ns, digest.timestamp_ns);
    if (digest.segment != 0) {
      if (record.first_segment == 0) record.first_segment = digest.segment;
      record.last_segment = digest.segment;
    }
    const bool fin = (digest.tcp_flags & 0x01) != 0;
    const bool last_ack = flow.fin_forward && flow.fin_reverse && !fin && (digest.tcp_flags & 0x10) != 0;
    if ((digest.tcp_flags & 0x04) != 0 || last_ack) flow.lingers = true;
    if (fin && !flow.lingers) (forward ? flow.fin_forward : flow.fin_reverse) = true;
    return record.flow_id;
  }

  void close(Flow& flow, EndReason reason) {
    flow.record.end_reason = reason;
    records_.push_back(flow.record);
  }

  MeterConfig config_;
  std::uint64_t next_flow_id_;
  TimeNs now_ = 0;
  std::map<FlowKey::Words, Flow> flows_;
  std::vector<FlowRecord> records_;
};

}  // namespace wireglass::testing
