#include "meter/interval_meter.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace wireglass {

namespace {

constexpr std::uint32_t kMinRingSlots = 64;
constexpr std::uint32_t kMaxRingSlots = 1 << 24;

std::uint32_t ring_slots(const IntervalConfig& config) { return std::bit_ceil(config.max_active_flows); }

}  // namespace

IntervalConfig IntervalMeter::in_range(const IntervalConfig& wanted) {
  IntervalConfig config = wanted;
  config.interval_ns =
      std::clamp(wanted.interval_ns, IntervalConfig::kMinIntervalNs, IntervalConfig::kMaxIntervalNs);
  config.lateness_ns = std::clamp(wanted.lateness_ns, TimeNs{0}, IntervalConfig::kMaxIntervalNs);
  config.top_capacity =
      std::clamp(wanted.top_capacity, std::uint32_t{16}, IntervalSample::Addresses::kMaxCapacity / 2);
  config.top_count = std::min(wanted.top_count, config.top_capacity);
  config.max_active_flows = std::clamp(wanted.max_active_flows, kMinRingSlots, kMaxRingSlots);
  return config;
}

IntervalMeter::IntervalMeter(const IntervalConfig& config, const KeyedHash& hash, IntervalFlows& flows,
                             SampleReceiver receiver)
    : config_(in_range(config)),
      hash_(hash),
      flows_(flows),
      receiver_(std::move(receiver)),
      ring_mask_(ring_slots(config_) - 1),
      ring_(ring_slots(config_)),
      cells_by_interface_(IntervalSample::kMaxInterfaces + 1) {
  // The numbers start anew early in every run, so that this is nothing rare.
  next_slot_ = kLastSlot - 4 * (ring_mask_ + 1);
  oldest_slot_ = first_slot_ = next_slot_;
}

TimeNs IntervalMeter::start_of(TimeNs timestamp_ns) const {
  const TimeNs into = timestamp_ns % config_.interval_ns;
  return timestamp_ns - (into < 0 ? into + config_.interval_ns : into);
}

std::size_t IntervalMeter::note_interface(std::uint32_t interface_id) {
  const std::size_t place = IntervalSample::interface_place(interface_id);
  cells_used_[place] = true;
  if (sole_interface_ == kNoInterface) {
    sole_interface_ = interface_id;
    cells_ = &cells_by_interface_[place];
  } else if (sole_interface_ != interface_id && sole_interface_ != kSeveralInterfaces) {
    fold_unfolded();
    sole_interface_ = kSeveralInterfaces;
  }
  return place;
}

void IntervalMeter::captured_elsewhere(std::uint32_t interface_id, TimeNs timestamp_ns,
                                       std::uint32_t wire_bytes) {
  counts_at(interface_id, timestamp_ns).captured.add(1, wire_bytes);
}

void IntervalMeter::count_refused(std::uint32_t interface_id, TimeNs timestamp_ns, DecodeStatus status) {
  ++counts_at(interface_id, timestamp_ns).refused[static_cast<std::size_t>(status)];
}

void IntervalMeter::flow_start_elsewhere(const PacketDigest& digest) {
  ++counts_at(digest.interface_id, digest.timestamp_ns).flows_started;
}

void IntervalMeter::flow_end_elsewhere(std::uint32_t interface_id) {
  if (current_ == kNoSample) return;
  ++open_[current_].sample->at_interface(IntervalSample::interface_place(interface_id)).flows_ended;
}

InterfaceCounts& IntervalMeter::counts_at(std::uint32_t interface_id, TimeNs timestamp_ns) {
  const std::size_t place = note_interface(interface_id);
  return open_[sample_at(timestamp_ns)].sample->at_interface(place);
}

/// The sample of that time; what lies behind the current interval begins a new one.
std::uint8_t IntervalMeter::sample_at(TimeNs timestamp_ns) {
  if (is_current(timestamp_ns)) return current_;
  if (current_ == kNoSample || timestamp_ns >= begin_ns_) {
    begin_interval(timestamp_ns);
    return current_;
  }
  return open_sample(start_of(timestamp_ns));
}

void IntervalMeter::begin_interval(TimeNs timestamp_ns) {
  const TimeNs start_ns = start_of(timestamp_ns);
  if (current_ != kNoSample) {
    if (start_ns == begin_ns_) return;
    fold_cells();
  }
  first_slot_ = next_slot_;
  current_slots_ = 0;
  now_ = timestamp_ns;
  // Until the new one is found, none is current: the old one may be handed out to make room.
  current_ = kNoSample;
  current_ = open_sample(start_ns);
  open_[current_].until_ns = start_ns + config_.interval_ns + config_.lateness_ns;
  begin_ns_ = start_ns;
  current_span_ns_ = static_cast<std::uint64_t>(config_.interval_ns);
}

void IntervalMeter::fold_unfolded() {
  const bool any = (unfolded_.captured.packets | unfolded_.flows_started | unfolded_.flows_ended) != 0;
  if (!any) return;
  InterfaceCounts& counts =
      open_[current_].sample->at_interface(IntervalSample::interface_place(sole_interface_));
  counts.captured.add(unfolded_.captured);
  counts.flows_started += unfolded_.flows_started;
  counts.flows_ended += unfolded_.flows_ended;
  unfolded_ = {};
}

void IntervalMeter::fold_cells() {
  fold_unfolded();
  IntervalSample& sample = *open_[current_].sample;
  for (std::size_t place = 0; place < cells_used_.size(); ++place) {
    if (!cells_used_[place]) continue;
    InterfaceCounts& counts = sample.at_interface(place);
    PacketCells& cells = cells_by_interface_[place];
    for (std::size_t cell = 0; cell < PacketCells::kCells; ++cell) {
      if (cells.cells[cell].packets == 0) continue;
      counts.add_cell(cell, cells.cells[cell]);
      cells.cells[cell] = {};
    }
    // The sole interface's packets are counted without noting it each time.
    cells_used_[place] = &cells == cells_ && sole_interface_ < kNoInterface;
  }
}

std::uint8_t IntervalMeter::open_sample(TimeNs start_ns) {
  for (std::uint8_t place = 0; place < kPlaces; ++place) {
    if (open_[place].open && open_[place].sample->start_ns() == start_ns) return place;
  }
  const std::uint8_t place = free_place();
  OpenSample& opened = open_[place];
  if (!opened.sample) opened.sample = std::make_unique<IntervalSample>(config_, hash_);
  opened.sample->reset(start_ns);
  opened.open = true;
  opened.until_ns = std::max(start_ns + config_.interval_ns, now_) + config_.lateness_ns;
  return place;
}

std::uint8_t IntervalMeter::free_place() {
  std::uint8_t oldest = kNoSample;
  for (std::uint8_t place = 0; place < kPlaces; ++place) {
    if (!open_[place].open) return place;
    if (place == current_) continue;
    if (oldest == kNoSample || open_[place].until_ns < open_[oldest].until_ns) oldest = place;
  }
  // Intervals passed faster than step() followed; as rare as time that jumps.
  while (open_[oldest].waiting_slots > 0) take_over_oldest(kGroupSlots, next_slot_);
  hand_out(oldest);
  return oldest;
}

void IntervalMeter::hand_out(std::uint8_t place) {
  OpenSample& finished = open_[place];
  finished.open = false;
  receiver_(*finished.sample);
}

void IntervalMeter::count_packet_in(std::uint32_t flow_number, std::uint32_t& slot, const IntervalFlow& flow,
                                    const PacketDigest& digest, bool forward) {
  const bool opens =
      !in_current_slots(slot) && is_current(digest.timestamp_ns) && digest.interface_id == sole_interface_;
  if (!opens) [[unlikely]]
    return count_packet_elsewhere(flow_number, slot, flow, digest, forward);
  const std::size_t interface = IntervalSample::interface_place(digest.interface_id);
  if (ring_is_full() && ++crowded_packets_ % kCrowdedPackets != 0) {
    if (slot != 0) take_over_slot(slot, flow);
    count_alone(*open_[current_].sample, interface, flow, digest, forward);
  } else {
    open_slot(flow_number, slot, flow, interface, forward);
  }
  cells_->cells[PacketCells::cell_of(digest)].add(1, digest.ip_bytes);
}

void IntervalMeter::count_packet_elsewhere(std::uint32_t flow_number, std::uint32_t& slot,
                                           const IntervalFlow& flow, const PacketDigest& digest,
                                           bool forward) {
  const std::size_t interface = note_interface(digest.interface_id);
  if (!is_current(digest.timestamp_ns)) {
    if (current_ != kNoSample && digest.timestamp_ns < begin_ns_) {
      count_late(slot, flow, digest, forward);
      return;
    }
    begin_interval(digest.timestamp_ns);
  }
  if (in_current_slots(slot)) {
    std::uint8_t& seen = slot_at(slot).interface[forward ? 0 : 1];
    if (seen == kUnset) seen = static_cast<std::uint8_t>(interface);
    if (seen != interface) take_over_slot(slot, flow);
  }
  if (!in_current_slots(slot)) open_slot(flow_number, slot, flow, interface, forward);
  cells_by_interface_[interface].cells[PacketCells::cell_of(digest)].add(1, digest.ip_bytes);
}

/// All but the packet's cell, without a slot of its flow.
void IntervalMeter::count_alone(IntervalSample& sample, std::size_t interface, const IntervalFlow& flow,
                                const PacketDigest& digest, bool forward) {
  const std::size_t way = forward ? 0 : 1;
  Exchange exchange;
  exchange.packets[way] = 1;
  exchange.bytes[way] = digest.ip_bytes;
  sample.at_interface(interface).add_key(*flow.key, 1, digest.ip_bytes);
  sample.add_flow(*flow.key, flow.tenant_id, flow.forward_from_b, exchange);
}

/// The flow's slot, which is of a later interval or waits to be taken over, must not count the packet, too:
/// it is added to what the flow had before.
void IntervalMeter::count_late(const std::uint32_t& slot, const IntervalFlow& flow,
                               const PacketDigest& digest, bool forward) {
  const std::size_t way = forward ? 0 : 1;
  IntervalSample& sample = *open_[open_sample(start_of(digest.timestamp_ns))].sample;
  const std::size_t interface = IntervalSample::interface_place(digest.interface_id);
  sample.at_interface(interface).add_cell(PacketCells::cell_of(digest), {1, digest.ip_bytes});
  count_alone(sample, interface, flow, digest, forward);
  // Last, as opening a sample may have taken the slot over, with the packet not counted by the flow yet.
  if (slot != 0) {
    slot_at(slot).packets[way] += 1;
    slot_at(slot).bytes[way] += digest.ip_bytes;
  }
}

void IntervalMeter::open_slot(std::uint32_t flow_number, std::uint32_t& slot, const IntervalFlow& flow,
                              std::size_t interface, bool forward) {
  if (slot != 0) take_over_slot(slot, flow);
  if (ring_is_full() || numbers_end_soon()) [[unlikely]]
    make_room_in_ring();
  slot = next_slot_++;
  ++current_slots_;
  ++open_[current_].waiting_slots;
  const auto seen = static_cast<std::uint8_t>(interface);
  const std::uint8_t other_way = sole_interface_ == kSeveralInterfaces ? kUnset : seen;
  slot_at(slot) = {.flow_number = flow_number,
                   .sample = current_,
                   .reserved = 0,
                   .interface = {forward ? seen : other_way, forward ? other_way : seen},
                   .packets = flow.packets,
                   .bytes = flow.bytes};
}

void IntervalMeter::make_room_in_ring() {
  if (ring_is_full()) {
    take_over_oldest(kCrowdedSlots, next_slot_);
    prefetch_flows(oldest_slot_, std::min(kCrowdedSlots, next_slot_ - oldest_slot_));
  }
  // Before numbers start anew, nothing may wait under an old one. Two for each new one.
  if (numbers_end_soon()) {
    take_over_oldest(2, next_slot_);
    if (oldest_slot_ == next_slot_ && next_slot_ > kLastSlot - (ring_mask_ + 1)) {
      oldest_slot_ = next_slot_ = first_slot_ = 1;
      current_slots_ = 0;
    }
  }
}

void IntervalMeter::take_over_slot(std::uint32_t& slot, const IntervalFlow& flow) {
  Slot& taken = slot_at(slot);
  OpenSample& into = open_[taken.sample];
  Exchange exchange;
  for (std::size_t way = 0; way < 2; ++way) {
    exchange.packets[way] = flow.packets[way] - taken.packets[way];
    exchange.bytes[way] = flow.bytes[way] - taken.bytes[way];
  }
  if (taken.interface[0] == taken.interface[1]) [[likely]] {
    into.sample->at_interface(taken.interface[0])
        .add_key(*flow.key, exchange.packets[0] + exchange.packets[1], exchange.total_bytes());
  } else {
    take_over_at_two_interfaces(taken, *flow.key, exchange);
  }
  into.sample->add_flow(*flow.key, flow.tenant_id, flow.forward_from_b, exchange);
  --into.waiting_slots;
  taken.sample = kNoSample;
  slot = 0;
}

void IntervalMeter::take_over_at_two_interfaces(const Slot& taken, const FlowKey& key,
                                                const Exchange& exchange) {
  IntervalSample& sample = *open_[taken.sample].sample;
  for (std::size_t way = 0; way < 2; ++way) {
    if (exchange.packets[way] == 0) continue;
    sample.at_interface(taken.interface[way]).add_key(key, exchange.packets[way], exchange.bytes[way]);
  }
}

void IntervalMeter::prefetch_flows(std::uint32_t first_slot, std::uint32_t count) {
  for (std::uint32_t place = 0; place < count; ++place) {
    const Slot& waiting = slot_at(first_slot + place);
    if (waiting.sample != kNoSample) flows_.prefetch(waiting.flow_number);
  }
}

/// Takes over up to `limit` slots, of those before `end`, beginning with the oldest. Returns how many it
/// passed.
std::uint32_t IntervalMeter::take_over_oldest(std::uint32_t limit, std::uint32_t end) {
  const std::uint32_t count = std::min(limit, end - oldest_slot_);
  const auto prefetch_group = [&](std::uint32_t first) {
    if (first < count) prefetch_flows(oldest_slot_ + first, std::min(kGroupSlots, count - first));
  };
  prefetch_group(0);
  for (std::uint32_t place = 0; place < count; ++place) {
    if (place % kGroupSlots == 0) prefetch_group(place + kGroupSlots);
    const Slot& waiting = slot_at(oldest_slot_ + place);
    if (waiting.sample == kNoSample) continue;
    const std::uint32_t flow_number = waiting.flow_number;
    take_over_slot(flows_.interval_slot(flow_number), flows_.flow(flow_number));
  }
  oldest_slot_ += count;
  if (first_slot_ - oldest_slot_ > next_slot_ - oldest_slot_) {
    // The current interval's own slots were taken over early.
    first_slot_ = oldest_slot_;
    current_slots_ = next_slot_ - first_slot_;
  }
  return count;
}

void IntervalMeter::step(std::uint32_t limit, TimeNs now) {
  now_ = std::max(now_, now);
  if (oldest_slot_ != first_slot_) take_over_oldest(limit, first_slot_);
  for (std::uint8_t place = 0; place < kPlaces; ++place) {
    const OpenSample& waiting = open_[place];
    if (waiting.open && place != current_ && waiting.waiting_slots == 0 && waiting.until_ns <= now_) {
      hand_out(place);
    }
  }
}

void IntervalMeter::advance(TimeNs now) {
  if (now == std::numeric_limits<TimeNs>::min()) return;
  if (current_ == kNoSample || (now >= begin_ns_ && !is_current(now))) begin_interval(now);
}

void IntervalMeter::finish() {
  if (current_ == kNoSample) return;
  fold_cells();
  current_ = kNoSample;
  current_span_ns_ = 0;
  for (;;) {
    std::uint8_t oldest = kNoSample;
    for (std::uint8_t place = 0; place < kPlaces; ++place) {
      if (!open_[place].open) continue;
      if (oldest == kNoSample || open_[place].sample->start_ns() < open_[oldest].sample->start_ns()) {
        oldest = place;
      }
    }
    if (oldest == kNoSample) return;
    hand_out(oldest);
  }
}

TimeNs IntervalMeter::complete_until() const {
  TimeNs until_ns = current_ == kNoSample ? std::numeric_limits<TimeNs>::min() : begin_ns_;
  for (const OpenSample& waiting : open_) {
    if (waiting.open) until_ns = std::min(until_ns, waiting.sample->start_ns());
  }
  return until_ns;
}

std::uint64_t IntervalMeter::memory_bytes(const IntervalConfig& config) {
  const IntervalConfig bounded = in_range(config);
  return sizeof(IntervalMeter) + MappedArray<Slot>::footprint_bytes(ring_slots(bounded)) +
         sizeof(PacketCells) + kMaxOpenSamples * IntervalSample::memory_bytes(bounded);
}

}  // namespace wireglass
