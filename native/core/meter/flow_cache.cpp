#include "meter/flow_cache.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "meter/ip_protocol.hpp"
#include "meter/packet_statistics.hpp"
#include "meter/record_builder.hpp"
#include "meter/tcp_analysis.hpp"

namespace wireglass {

namespace {

constexpr TimeNs kMinTimeoutNs = kMillisecondNs;
constexpr std::uint64_t kTicksPerTimeout = 256;
constexpr unsigned kMinTickShift = 10;

/// A fine tick closes flows on time; a coarse one keeps the whole idle timeout within the wheel's horizon,
/// which the order of eviction rests on.
unsigned tick_shift_for(const FlowLifetime& lifetime) {
  const auto fine = static_cast<unsigned>(std::bit_width(lifetime.shortest_ns() / kTicksPerTimeout));
  const auto coarse =
      static_cast<unsigned>(std::bit_width(lifetime.longest_idle_ns() / (ExpiryWheel::kBuckets - 1)));
  return std::max({fine > 0 ? fine - 1 : 0, coarse, kMinTickShift});
}

ProtocolTimeouts in_range(const ProtocolTimeouts& wanted) {
  ProtocolTimeouts timeouts;
  timeouts.tcp_ns = std::max(wanted.tcp_ns, kMinTimeoutNs);
  timeouts.udp_ns = std::max(wanted.udp_ns, kMinTimeoutNs);
  timeouts.icmp_ns = std::max(wanted.icmp_ns, kMinTimeoutNs);
  timeouts.other_ns = std::max(wanted.other_ns, kMinTimeoutNs);
  return timeouts;
}

/// Whether a SYN without ACK is of another connection than the one that its flow follows: that one is over,
/// or it began with another sequence number and has not sent that many octets since.
bool opens_another_connection(const FlowEntry& entry, const FlowTrack& track, const PacketDigest& syn) {
  if (FlowLifetime::ended_by_tcp(entry)) return true;
  const unsigned side = syn.from_b == entry.has(flow_state::kForwardFromB) ? 0 : 1;
  if (!syn.has_tcp || !entry.has(flow_state::kSequenceKnown << side)) return false;
  const std::uint32_t sent = track.next_sequence[side] - (syn.tcp_sequence + 1);
  return sent > entry.directions[side].bytes;
}

ApplicationLimits application_limits(const MeterConfig& config) {
  ApplicationLimits limits = ApplicationLimits::for_flows(config.max_flows, config.string_bytes_per_flow);
  limits.classified = std::min(config.classified_flows, config.max_flows);
  return limits;
}

FlowTransport transport_of(const FlowKey& key) { return {key.protocol, key.port_a, key.port_b}; }

}  // namespace

MeterConfig FlowMeter::Cache::in_range(const MeterConfig& wanted) {
  MeterConfig config = wanted;
  config.max_flows = std::clamp(wanted.max_flows, MeterConfig::kMinFlows, MeterConfig::kMaxFlows);
  config.active_timeouts = wireglass::in_range(wanted.active_timeouts);
  config.idle_timeouts = wireglass::in_range(wanted.idle_timeouts);
  return config;
}

FlowMeter::Cache::Cache(const MeterConfig& wanted, RecordReceiver record_receiver,
                        SampleReceiver sample_receiver)
    : config_(in_range(wanted)),
      receiver_(std::move(record_receiver)),
      lifetime_(config_.active_timeouts, config_.idle_timeouts),
      table_(config_.max_flows),
      paths_(config_.max_flows),
      applications_(config_.applications ? std::make_unique<FlowApplications>(application_limits(config_))
                                         : nullptr),
      wheel_(config_.max_flows, tick_shift_for(lifetime_)),
      next_flow_id_(config_.first_flow_id),
      interval_flows_(table_) {
  if (config_.intervals && sample_receiver) {
    intervals_ = std::make_unique<IntervalMeter>(*config_.intervals, KeyedHash(), interval_flows_,
                                                 std::move(sample_receiver));
  }
}

void FlowMeter::Cache::meter(std::span<const PacketDigest> digests, std::span<const std::uint16_t> places,
                             std::span<std::uint64_t> flow_ids) {
  for (std::size_t first = 0; first < places.size(); first += kBlockPackets) {
    const std::size_t count = std::min(kBlockPackets, places.size() - first);
    meter_block(digests, places.subspan(first, count),
                flow_ids.empty() ? flow_ids : flow_ids.subspan(first, count));
  }
  counters_.paths_refused.set(paths_.refused().value());
  counters_.flows_live.set(table_.live());
}

void FlowMeter::Cache::meter_block(std::span<const PacketDigest> digests,
                                   std::span<const std::uint16_t> places, std::span<std::uint64_t> flow_ids) {
  std::array<EntryNumber, kBlockPackets> guesses;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const std::size_t count = places.size();
  const auto fetch_entries = [&](std::size_t first) {
    for (std::size_t packet = first; packet < std::min(first + kGroupPackets, count); ++packet) {
      guesses[packet] = table_.guess(digests[places[packet]].hash);
      if (guesses[packet] != kNoEntry) table_.prefetch_entry(guesses[packet]);
    }
  };

  for (const std::uint16_t place : places) {
    table_.prefetch_slot(digests[place].hash);
    __builtin_prefetch(static_cast<const void*>(&digests[place].frame));
  }
  fetch_entries(0);
  std::uint64_t bytes = 0;
  for (std::size_t first = 0; first < count; first += kGroupPackets) {
    fetch_entries(first + kGroupPackets);
    for (std::size_t packet = first; packet < std::min(first + kGroupPackets, count); ++packet) {
      const PacketDigest& digest = digests[places[packet]];
      const EntryNumber number = meter_packet(digest, guesses[packet]);
      if (!flow_ids.empty()) flow_ids[packet] = table_.identity(number).flow_id();
      bytes += digest.ip_bytes;
    }
  }
  counters_.packets.add(count);
  counters_.bytes.add(bytes);
  if (intervals_) intervals_->step(kIntervalStepFlows, now_);
}

inline EntryNumber FlowMeter::Cache::meter_packet(const PacketDigest& digest, EntryNumber guess) {
  move_time(digest.timestamp_ns);
  EntryNumber number = guess;
  // The guess is as old as the last group: its flow may be gone, and a new one may have come.
  if (number == kNoEntry || !table_.holds(number, digest.key)) [[unlikely]] {
    number = table_.find(digest.key, digest.hash);
  }
  bool is_new = false;
  if (number == kNoEntry) {
    number = open_flow(digest);
    is_new = true;
  } else if (lifetime_.may_be_over(table_.entry(number), now_) || tcp_flag::is_plain_syn(digest.tcp_flags))
      [[unlikely]] {
    renew_if_over(number, table_.entry(number), digest);
  }
  FlowEntry& entry = table_.entry(number);
  account(number, entry, digest);
  if (is_new) entry.clear(flow_state::kTouched);
  return number;
}

[[gnu::always_inline]] inline void FlowMeter::Cache::account(EntryNumber number, FlowEntry& entry,
                                                             const PacketDigest& digest) {
  const bool forward = digest.from_b == entry.has(flow_state::kForwardFromB);
  const unsigned side = forward ? 0 : 1;
  const std::uint32_t now_us = wrapping_us(digest.timestamp_ns);
  if (has_identifier_per_direction(digest.key.overlay)) table_.endpoints(number).teid[side] = digest.teid;
  if (intervals_ && !intervals_->count_packet(entry.interval_slot, digest)) {
    count_in_interval(number, entry, digest, forward);
  }
  FlowTrack& track = table_.track(number);
  if (digest.has_tcp) tcp_analysis::follow(entry, track, table_.extra(number), digest, side, now_us);
  count_packet(entry, track, digest, side, now_us);
  if (digest.timestamp_ns >= entry.end_ns) [[likely]] {
    entry.end_ns = digest.timestamp_ns;
  } else {
    entry.start_ns = std::min(entry.start_ns, digest.timestamp_ns);
  }
  entry.set(flow_state::kTouched);
  if (digest.captured_payload_bytes != 0 && applications_ != nullptr) {
    FlowExtra& extra = table_.extra(number);
    if (FlowApplications::wants(extra.application, forward)) note_application(entry, extra, digest, forward);
  }
  if (digest.segment != 0) note_segment(number, entry, digest.segment);
  if (entry.has(flow_state::kPathReversed) && forward) [[unlikely]]
    note_path(number, entry, digest);
  if (digest.tcp_flags != 0) {
    std::uint8_t& flags = entry.tcp_flags[side];
    flags = static_cast<std::uint8_t>(flags | digest.tcp_flags);
    note_end_of_tcp(number, entry, digest.tcp_flags, forward);
  }
}

/// A flow of an outer layer has the octets that the flows within are counted with, and is left out.
void FlowMeter::Cache::count_in_interval(EntryNumber number, FlowEntry& entry, const PacketDigest& digest,
                                         bool forward) {
  if (entry.key.layer != FlowLayer::kInnermost) return;
  intervals_->count_packet_in(number, entry.interval_slot, Intervals::of(table_, number), digest, forward);
}

void FlowMeter::Cache::count_flow_end(const FlowEntry& entry) {
  if (intervals_ && entry.key.layer == FlowLayer::kInnermost) {
    intervals_->count_flow_end(entry.ingress_interface);
  }
}

void FlowMeter::Cache::note_application(const FlowEntry& entry, FlowExtra& extra, const PacketDigest& digest,
                                        bool forward) {
  const ApplicationPacket packet{.forward = forward,
                                 .syn = (digest.tcp_flags & tcp_flag::kSyn) != 0,
                                 .tcp_sequence = digest.tcp_sequence,
                                 .wire_payload_bytes = digest.payload_bytes,
                                 .payload = digest.payload(),
                                 .from_b = digest.from_b};
  extra.application = applications_->observe(extra.application, transport_of(entry.key), packet);
}

void FlowMeter::Cache::note_segment(EntryNumber number, FlowEntry& entry, std::uint32_t segment) {
  SegmentRange& range = table_.segments(number);
  if (!entry.has(flow_state::kRecorded)) range.first = segment;
  range.last = segment;
  entry.set(flow_state::kRecorded);
}

/// The first forward packet tells the way: of the flow, or of each record where a tunnel may move.
void FlowMeter::Cache::note_path(EntryNumber number, FlowEntry& entry, const PacketDigest& digest) {
  const PathTable::Number before = table_.track(number).path;
  table_.track(number).path = path_of(digest, true);
  paths_.release(before);
  entry.clear(flow_state::kPathReversed);
}

PathTable::Number FlowMeter::Cache::path_of(const PacketDigest& digest, bool forward) {
  const MacPair macs = macs_of(digest);
  const AddressPair outer = outer_addresses_of(digest);
  const FlowPath path{outer.src, outer.dst, macs.src, macs.dst};
  return paths_.acquire(forward ? path : path.reversed());
}

inline void FlowMeter::Cache::note_end_of_tcp(EntryNumber number, FlowEntry& entry, std::uint8_t flags,
                                              bool forward) {
  const bool may_end = (flags & (tcp_flag::kFin | tcp_flag::kRst)) != 0 || entry.has(flow_state::kFinBoth);
  if (!may_end || !note_tcp_end(entry, flags, forward)) return;
  // The linger ends before the idle timeout that the entry is queued for.
  wheel_.move(number, lifetime_.deadline(entry));
}

inline void FlowMeter::Cache::move_time(TimeNs timestamp_ns) {
  if (timestamp_ns >= now_) {
    now_ = timestamp_ns;
  } else if (elapsed_ns(timestamp_ns, now_) > lifetime_.longest_idle_ns()) [[unlikely]] {
    flush(EndReason::kForcedEnd);
    now_ = timestamp_ns;
    counters_.clock_steps.add();
  }
}

TimeNs FlowMeter::Cache::observe_time(TimeNs timestamp_ns) {
  move_time(timestamp_ns);
  return now_;
}

EntryNumber FlowMeter::Cache::open_flow(const PacketDigest& digest) {
  if (table_.full()) make_room();
  if (table_.live() == 0) {
    wheel_.restart_at(wheel_time(now_));
  } else {
    wheel_.advance_to(wheel_time(now_));
  }
  const EntryNumber number = table_.insert(digest.key, digest.hash);
  FlowEntry& entry = table_.entry(number);
  start_flow(number, entry, digest);
  wheel_.insert(number, lifetime_.deadline(entry));
  return number;
}

/// Also where a flow follows another one with the same key: then the entry keeps its place in table and
/// wheel, which is no later than the new flow's.
void FlowMeter::Cache::start_flow(EntryNumber number, FlowEntry& entry, const PacketDigest& digest) {
  const bool from_responder = tcp_flag::is_syn_ack(digest.tcp_flags);
  entry.state = flow_state::kLive;
  entry.assign(flow_state::kForwardFromB, digest.from_b != from_responder);
  entry.assign(flow_state::kToldBySynAck, from_responder);
  entry.assign(flow_state::kToldBySyn, tcp_flag::is_plain_syn(digest.tcp_flags));
  entry.assign(flow_state::kPathReversed, from_responder);
  entry.ingress_interface = digest.interface_id;
  FlowIdentity& identity = table_.identity(number);
  identity.set_flow_id(next_flow_id_);
  next_flow_id_ += config_.flow_id_stride;
  identity.record_index = 0;
  table_.track(number).path = path_of(digest, !from_responder);
  FlowExtra& extra = table_.extra(number);
  extra.icmp_type_code = ip_protocol::is_icmp(digest.key.protocol) ? digest.icmp_type_code : std::uint16_t{0};
  extra.application = 0;
  if (has_identifier_per_direction(digest.key.overlay)) table_.endpoints(number) = {};
  open_record(number, entry, digest);
  counters_.flows_created.add();
  if (intervals_ && entry.key.layer == FlowLayer::kInnermost) intervals_->count_flow_start(digest);
}

/// A packet met a flow whose record may be over, or that may be over itself.
void FlowMeter::Cache::renew_if_over(EntryNumber number, FlowEntry& entry, const PacketDigest& digest) {
  if (!entry.has(flow_state::kRecordClosed)) {
    if (const auto reason = lifetime_.end_of_record(entry, now_)) close_record(number, entry, *reason);
  }
  const bool restarts = tcp_flag::is_plain_syn(digest.tcp_flags) &&
                        opens_another_connection(entry, table_.track(number), digest);
  if (restarts || lifetime_.flow_over(entry, now_)) {
    if (!entry.has(flow_state::kRecordClosed)) close_record(number, entry, EndReason::kEndOfFlow);
    count_flow_end(entry);
    release_parts(number);
    start_flow(number, entry, digest);
    return;
  }
  const bool is_full = entry.has(flow_state::kRecordFull) && !entry.has(flow_state::kRecordClosed);
  if (is_full) close_record(number, entry, EndReason::kActiveTimeout);
  if (entry.has(flow_state::kRecordClosed)) open_record(number, entry, digest);
}

void FlowMeter::Cache::open_record(EntryNumber number, FlowEntry& entry, const PacketDigest& digest) {
  entry.clear(flow_state::kRecordClosed | flow_state::kRecordFull | flow_state::kRecorded);
  if (digest.key.overlay != Overlay::kNone) entry.set(flow_state::kPathReversed);
  entry.start_ns = digest.timestamp_ns;
  entry.end_ns = digest.timestamp_ns;
  for (DirectionCounters& direction : entry.directions) {
    direction.bytes = 0;
    direction.packets = 0;
  }
  entry.tcp_flags = {};
  if (digest.key.protocol == ip_protocol::kTcp) {
    FlowTrack& track = table_.track(number);
    track.retransmitted = track.out_of_order = track.duplicate_acks = track.zero_windows = {};
    table_.extra(number).round_trips = {};
  }
}

void FlowMeter::Cache::close_record(EntryNumber number, FlowEntry& entry, EndReason reason) {
  if (intervals_) intervals_->take_over(entry.interval_slot, Intervals::of(table_, number));
  if (applications_ != nullptr) {
    // A message that is still incomplete when a record ends is read as far as it came.
    FlowExtra& extra = table_.extra(number);
    extra.application = applications_->conclude(extra.application, transport_of(entry.key));
  }
  receiver_(record_of(number, reason));
  counters_.records.add();
  counters_.records_by_reason[static_cast<std::size_t>(reason)].add();
  entry.set(flow_state::kRecordClosed);
  ++table_.identity(number).record_index;
}

FlowRecord FlowMeter::Cache::record_of(EntryNumber number, EndReason reason) const {
  FlowRecord record = build_record(config_, table_, paths_, number, reason);
  if (applications_ != nullptr) {
    fill_application(applications_->fields(table_.extra(number).application), record);
  }
  if (interfaces_ != nullptr && record.ingress_interface < interfaces_->size())
    record.interface = (*interfaces_)[record.ingress_interface].name;
  return record;
}

/// What a flow holds outside the table.
void FlowMeter::Cache::release_parts(EntryNumber number) {
  paths_.release(table_.track(number).path);
  if (applications_ != nullptr) applications_->release(table_.extra(number).application);
}

void FlowMeter::Cache::release(EntryNumber number) {
  count_flow_end(table_.entry(number));
  wheel_.remove(number);
  release_parts(number);
  table_.erase(number);
}

}  // namespace wireglass
