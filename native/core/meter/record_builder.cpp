#include "meter/record_builder.hpp"

#include "meter/ip_protocol.hpp"

namespace wireglass {

namespace {

void fill_endpoints(const FlowEntry& entry, FlowRecord& record) {
  const FlowKey& key = entry.key;
  const bool from_b = entry.has(flow_state::kForwardFromB);
  record.src_addr = from_b ? key.addr_b : key.addr_a;
  record.dst_addr = from_b ? key.addr_a : key.addr_b;
  record.src_port = from_b ? key.port_b : key.port_a;
  record.dst_port = from_b ? key.port_a : key.port_b;
  record.protocol = key.protocol;
  record.vlan_id = key.vlan_id;
  record.customer_vlan_id = key.customer_vlan_id;
  record.overlay = key.overlay;
  record.tenant_id = key.tenant_id;
  record.biflow_direction =
      entry.has(flow_state::kInitiatorTold) ? BiflowDirection::kInitiator : BiflowDirection::kArbitrary;
}

void fill_counters(const FlowEntry& entry, FlowRecord& record) {
  record.start_ns = entry.start_ns;
  record.end_ns = entry.end_ns;
  record.packets = entry.directions[0].packets;
  record.bytes = entry.directions[0].bytes;
  record.rev_packets = entry.directions[1].packets;
  record.rev_bytes = entry.directions[1].bytes;
  record.tcp_flags = entry.tcp_flags[0];
  record.rev_tcp_flags = entry.tcp_flags[1];
}

}  // namespace

FlowRecord build_record(const MeterConfig& config, const FlowTable& table, EntryNumber number,
                        EndReason reason) {
  const FlowEntry& entry = table.entry(number);
  FlowRecord record;
  record.flow_id = entry.flow_id;
  record.record_index = entry.record_index;
  record.observation_domain = config.observation_domain;
  record.ingress_interface = entry.ingress_interface;
  record.end_reason = reason;
  record.recording = config.recording;
  fill_endpoints(entry, record);
  fill_counters(entry, record);
  if (entry.key.overlay != Overlay::kNone) {
    record.outer_src_addr = table.extra(number).outer_src;
    record.outer_dst_addr = table.extra(number).outer_dst;
  }
  if (ip_protocol::is_icmp(entry.key.protocol)) record.icmp_type_code = table.extra(number).icmp_type_code;
  if (entry.last_segment != 0) {
    record.first_segment = table.extra(number).first_segment;
    record.last_segment = entry.last_segment;
  }
  return record;
}

}  // namespace wireglass
