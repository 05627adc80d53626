#include "meter/flow_cache.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "meter/ip_protocol.hpp"
#include "meter/record_builder.hpp"

namespace wireglass {

namespace {

constexpr TimeNs kMinTimeoutNs = kMillisecondNs;
constexpr std::uint64_t kTicksPerTimeout = 256;
constexpr unsigned kMinTickShift = 10;

/// A fine tick closes flows on time; a coarse one keeps the whole idle timeout within the wheel's horizon,
/// which the order of eviction rests on.
unsigned tick_shift_for(const FlowLifetime& lifetime) {
  const auto fine = static_cast<unsigned>(std::bit_width(lifetime.shortest_ns() / kTicksPerTimeout));
  const auto coarse = static_cast<unsigned>(std::bit_width(lifetime.idle_ns() / (ExpiryWheel::kBuckets - 1)));
  return std::max({fine > 0 ? fine - 1 : 0, coarse, kMinTickShift});
}

}  // namespace

MeterConfig FlowMeter::Cache::in_range(const MeterConfig& wanted) {
  MeterConfig config = wanted;
  config.max_flows = std::clamp(wanted.max_flows, MeterConfig::kMinFlows, MeterConfig::kMaxFlows);
  config.active_timeout_ns = std::max(wanted.active_timeout_ns, kMinTimeoutNs);
  config.idle_timeout_ns = std::max(wanted.idle_timeout_ns, kMinTimeoutNs);
  return config;
}

FlowMeter::Cache::Cache(const MeterConfig& wanted, RecordReceiver record_receiver)
    : config_(in_range(wanted)),
      receiver_(std::move(record_receiver)),
      lifetime_(config_.active_timeout_ns, config_.idle_timeout_ns),
      table_(config_.max_flows),
      wheel_(config_.max_flows, tick_shift_for(lifetime_)),
      next_flow_id_(config_.first_flow_id) {}

void FlowMeter::Cache::meter(std::span<const PacketDigest> digests, std::span<std::uint64_t> flow_ids) {
  for (std::size_t first = 0; first < digests.size(); first += kBlockPackets) {
    const std::size_t count = std::min(kBlockPackets, digests.size() - first);
    meter_block(digests.subspan(first, count), flow_ids.subspan(first, count));
  }
  counters_.flows_live.set(table_.live());
}

void FlowMeter::Cache::meter_block(std::span<const PacketDigest> digests, std::span<std::uint64_t> flow_ids) {
  std::array<EntryNumber, kBlockPackets> guesses;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const std::size_t count = digests.size();
  const auto fetch_entries = [&](std::size_t first) {
    for (std::size_t packet = first; packet < std::min(first + kGroupPackets, count); ++packet) {
      guesses[packet] = table_.guess(digests[packet].hash);
      if (guesses[packet] != kNoEntry) table_.prefetch_entry(guesses[packet]);
    }
  };

  for (const PacketDigest& digest : digests) table_.prefetch_slot(digest.hash);
  fetch_entries(0);
  std::uint64_t bytes = 0;
  for (std::size_t first = 0; first < count; first += kGroupPackets) {
    fetch_entries(first + kGroupPackets);
    for (std::size_t packet = first; packet < std::min(first + kGroupPackets, count); ++packet) {
      flow_ids[packet] = meter_packet(digests[packet], guesses[packet]);
      bytes += digests[packet].ip_bytes;
    }
  }
  counters_.packets.add(count);
  counters_.bytes.add(bytes);
}

inline std::uint64_t FlowMeter::Cache::meter_packet(const PacketDigest& digest, EntryNumber guess) {
  move_time(digest.timestamp_ns);
  EntryNumber number = guess;
  // The guess is as old as the last group: its flow may be gone, and a new one may have come.
  if (number == kNoEntry || !table_.holds(number, digest.key)) [[unlikely]] {
    number = table_.find(digest.key, digest.hash);
    if (number == kNoEntry) {
      number = open_flow(digest);
      FlowEntry& opened = table_.entry(number);
      account(number, opened, digest);
      opened.clear(flow_state::kTouched);
      return opened.flow_id;
    }
  }
  FlowEntry& entry = table_.entry(number);
  const bool restarts = tcp_flag::is_plain_syn(digest.tcp_flags) && FlowLifetime::ended_by_tcp(entry);
  if (lifetime_.flow_over(entry, now_) || lifetime_.record_over(entry, now_) || restarts ||
      entry.has(flow_state::kRecordClosed)) [[unlikely]] {
    renew(number, entry, digest);
  }
  account(number, entry, digest);
  return entry.flow_id;
}

inline void FlowMeter::Cache::account(EntryNumber number, FlowEntry& entry, const PacketDigest& digest) {
  const bool forward = digest.from_b == entry.has(flow_state::kForwardFromB);
  DirectionCounters& direction = entry.directions[forward ? 0 : 1];
  direction.packets += 1;
  direction.bytes += digest.ip_bytes;
  entry.start_ns = std::min(entry.start_ns, digest.timestamp_ns);
  entry.end_ns = std::max(entry.end_ns, digest.timestamp_ns);
  entry.set(flow_state::kTouched);
  if (digest.segment != 0) {
    if (entry.last_segment == 0) table_.extra(number).first_segment = digest.segment;
    entry.last_segment = digest.segment;
  }
  if (entry.outer_reversed && forward) [[unlikely]] {
    table_.extra(number).outer_src = digest.outer_src;
    table_.extra(number).outer_dst = digest.outer_dst;
    entry.outer_reversed = false;
  }
  if (digest.tcp_flags != 0) {
    std::uint8_t& flags = entry.tcp_flags[forward ? 0 : 1];
    flags = static_cast<std::uint8_t>(flags | digest.tcp_flags);
    note_end_of_tcp(number, entry, digest.tcp_flags, forward);
  }
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
  } else if (elapsed_ns(timestamp_ns, now_) > lifetime_.idle_ns()) [[unlikely]] {
    flush(EndReason::kForcedEnd);
    now_ = timestamp_ns;
    counters_.clock_steps.add();
  }
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
  const bool initiator_told = from_responder || tcp_flag::is_plain_syn(digest.tcp_flags);
  entry.state = flow_state::kLive;
  if (digest.from_b != from_responder) entry.set(flow_state::kForwardFromB);
  if (initiator_told) entry.set(flow_state::kInitiatorTold);
  entry.flow_id = next_flow_id_;
  next_flow_id_ += config_.flow_id_stride;
  entry.record_index = 0;
  entry.ingress_interface = digest.interface_id;
  if (digest.key.overlay != Overlay::kNone) {
    table_.extra(number).outer_src = from_responder ? digest.outer_dst : digest.outer_src;
    table_.extra(number).outer_dst = from_responder ? digest.outer_src : digest.outer_dst;
  }
  if (ip_protocol::is_icmp(digest.key.protocol)) table_.extra(number).icmp_type_code = digest.icmp_type_code;
  open_record(entry, digest.timestamp_ns);
  counters_.flows_created.add();
}

/// A packet met a flow whose record is over, or that is over itself.
void FlowMeter::Cache::renew(EntryNumber number, FlowEntry& entry, const PacketDigest& digest) {
  if (!entry.has(flow_state::kRecordClosed)) {
    if (const auto reason = lifetime_.end_of_record(entry, now_)) close_record(number, entry, *reason);
  }
  const bool restarts = tcp_flag::is_plain_syn(digest.tcp_flags) && FlowLifetime::ended_by_tcp(entry);
  if (restarts || lifetime_.flow_over(entry, now_)) {
    if (!entry.has(flow_state::kRecordClosed)) close_record(number, entry, EndReason::kEndOfFlow);
    start_flow(number, entry, digest);
  } else if (entry.has(flow_state::kRecordClosed)) {
    open_record(entry, digest.timestamp_ns);
  }
}

void FlowMeter::Cache::open_record(FlowEntry& entry, TimeNs timestamp_ns) {
  entry.clear(flow_state::kRecordClosed);
  entry.start_ns = timestamp_ns;
  entry.end_ns = timestamp_ns;
  entry.directions = {};
  entry.tcp_flags = {};
  entry.last_segment = 0;
  entry.outer_reversed = entry.key.overlay != Overlay::kNone;
}

void FlowMeter::Cache::close_record(EntryNumber number, FlowEntry& entry, EndReason reason) {
  receiver_(build_record(config_, table_, number, reason));
  counters_.records.add();
  entry.set(flow_state::kRecordClosed);
  ++entry.record_index;
}

void FlowMeter::Cache::release(EntryNumber number) {
  wheel_.remove(number);
  table_.erase(number);
}

}  // namespace wireglass
