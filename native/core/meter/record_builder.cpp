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
  record.inner_vlan_id = key.inner_vlan_id;
  record.inner_customer_vlan_id = key.inner_customer_vlan_id;
  record.overlay = key.overlay;
  record.tenant_id = key.tenant_id;
  record.flow_layer = key.layer;
  if (entry.has(flow_state::kToldBySyn)) record.initiator_by = InitiatorBy::kSyn;
  if (entry.has(flow_state::kToldBySynAck)) record.initiator_by = InitiatorBy::kSynAck;
  record.biflow_direction = record.initiator_by == InitiatorBy::kFirstPacket ? BiflowDirection::kArbitrary
                                                                             : BiflowDirection::kInitiator;
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

void fill_forward_ranges(const FlowEntry& entry, FlowRecord& record) {
  if (entry.directions[0].packets == 0) return;
  const DirectionRanges& ranges = entry.ranges[0];
  record.packet_bytes_min = ranges.bytes_min;
  record.packet_bytes_max = ranges.bytes_max;
  record.ttl_min = ranges.ttl_min;
  record.ttl_max = ranges.ttl_max;
  record.dscp_min = ranges.dscp_min;
  record.dscp_max = ranges.dscp_max;
}

void fill_reverse_ranges(const FlowEntry& entry, FlowRecord& record) {
  if (entry.directions[1].packets == 0) return;
  const DirectionRanges& ranges = entry.ranges[1];
  record.rev_packet_bytes_min = ranges.bytes_min;
  record.rev_packet_bytes_max = ranges.bytes_max;
  record.rev_ttl_min = ranges.ttl_min;
  record.rev_ttl_max = ranges.ttl_max;
  record.rev_dscp_min = ranges.dscp_min;
  record.rev_dscp_max = ranges.dscp_max;
}

std::uint32_t mean_gap_us(const FlowEntry& entry, const FlowTrack& track, unsigned side) {
  const DirectionCounters& direction = entry.directions[side];
  return (direction.last_us - track.first_us[side]) / (direction.packets - 1);
}

void fill_gaps(const FlowEntry& entry, const FlowTrack& track, FlowRecord& record) {
  if (entry.directions[0].packets > 1) {
    record.gap_min_us = track.gap_min_us[0];
    record.gap_mean_us = mean_gap_us(entry, track, 0);
    record.gap_max_us = track.gap_max_us[0];
  }
  if (entry.directions[1].packets > 1) {
    record.rev_gap_min_us = track.gap_min_us[1];
    record.rev_gap_mean_us = mean_gap_us(entry, track, 1);
    record.rev_gap_max_us = track.gap_max_us[1];
  }
}

void fill_tcp(const FlowTrack& track, const FlowExtra& extra, FlowRecord& record) {
  record.tcp_retransmitted = track.retransmitted[0];
  record.rev_tcp_retransmitted = track.retransmitted[1];
  record.tcp_out_of_order = track.out_of_order[0];
  record.rev_tcp_out_of_order = track.out_of_order[1];
  record.tcp_duplicate_acks = track.duplicate_acks[0];
  record.rev_tcp_duplicate_acks = track.duplicate_acks[1];
  record.tcp_zero_windows = track.zero_windows[0];
  record.rev_tcp_zero_windows = track.zero_windows[1];
  record.tcp_rtt_min_us = extra.round_trips[0].min_us;
  record.rev_tcp_rtt_min_us = extra.round_trips[1].min_us;
  record.tcp_rtt_us = extra.round_trips[0].smoothed_us;
  record.rev_tcp_rtt_us = extra.round_trips[1].smoothed_us;
  record.tcp_handshake_rtt_us = extra.handshake_rtt_us;
}

void fill_path(const FlowPath& path, const FlowKey& key, FlowRecord& record) {
  record.src_mac = path.src_mac;
  record.dst_mac = path.dst_mac;
  if (key.overlay == Overlay::kNone) return;
  record.outer_src_addr = path.outer_src;
  record.outer_dst_addr = path.outer_dst;
}

void fill_endpoints_of_tunnel(const TunnelEndpoints& endpoints, FlowRecord& record) {
  record.teid = endpoints.teid[0];
  record.rev_teid = endpoints.teid[1];
  record.tenant_id = record.teid;
}

}  // namespace

FlowRecord build_record(const MeterConfig& config, const FlowTable& table, const PathTable& paths,
                        EntryNumber number, EndReason reason) {
  const FlowEntry& entry = table.entry(number);
  const FlowTrack& track = table.track(number);
  FlowRecord record;
  record.flow_id = table.identity(number).flow_id();
  record.record_index = table.identity(number).record_index;
  record.observation_domain = config.observation_domain;
  record.ingress_interface = entry.ingress_interface;
  record.end_reason = reason;
  record.recording = config.recording;
  record.sampling_rate = config.sampling_rate;
  fill_endpoints(entry, record);
  fill_counters(entry, record);
  fill_forward_ranges(entry, record);
  fill_reverse_ranges(entry, record);
  fill_gaps(entry, track, record);
  fill_path(paths[track.path], entry.key, record);
  if (has_identifier_per_direction(entry.key.overlay))
    fill_endpoints_of_tunnel(table.endpoints(number), record);
  if (entry.key.protocol == ip_protocol::kTcp) fill_tcp(track, table.extra(number), record);
  if (ip_protocol::is_icmp(entry.key.protocol)) {
    record.icmp_type_code = static_cast<std::uint16_t>(table.extra(number).icmp_type_code);
  }
  if (entry.has(flow_state::kRecorded)) {
    record.first_segment = table.segments(number).first;
    record.last_segment = table.segments(number).last;
  }
  return record;
}

void fill_application(const ApplicationFields& fields, FlowRecord& record) {
  record.application = fields[ApplicationString::kApplication];
  record.dns_query = fields[ApplicationString::kDnsQuery];
  record.tls_sni = fields[ApplicationString::kTlsSni];
  record.tls_alpn = fields[ApplicationString::kTlsAlpn];
  record.tls_ja4 = fields[ApplicationString::kTlsJa4];
  record.http_host = fields[ApplicationString::kHttpHost];
  record.http_method = fields[ApplicationString::kHttpMethod];
  record.http_status = fields.http_status;
}

}  // namespace wireglass
