#include "traffic/scripted_generator.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "traffic/random.hpp"

namespace wireglass {

ScriptedGenerator::ScriptedGenerator(const TrafficProfile& profile, std::vector<FamilyShare> families,
                                     bool swells)
    : profile_(profile),
      families_(std::move(families)),
      swells_(swells),
      next_arrival_ns_(profile.start_ns),
      last_ns_(profile.start_ns - 1),
      slots_(kMaxConversations),
      free_slots_(kMaxConversations) {
  for (const FamilyShare& share : families_) total_weight_ += share.weight;
  events_.reserve(kMaxConversations);
  for (std::uint32_t slot = 0; slot < kMaxConversations; ++slot)
    free_slots_[slot] = kMaxConversations - 1 - slot;
}

bool ScriptedGenerator::later(const Event& left, const Event& right) {
  return std::pair(left.time_ns, left.order) > std::pair(right.time_ns, right.order);
}

void ScriptedGenerator::schedule(TimeNs time_ns, std::uint32_t slot) {
  events_.push_back({time_ns, scheduled_++, slot});
  std::push_heap(events_.begin(), events_.end(), later);
}

TimeNs ScriptedGenerator::scaled_ns(std::uint32_t wait_us) const {
  if (profile_.packets_per_second <= kNaturalPacketsPerSecond) return wait_us * kMicrosecondNs;
  const auto rate = static_cast<TimeNs>(profile_.packets_per_second);
  return wait_us * kMicrosecondNs * static_cast<TimeNs>(kNaturalPacketsPerSecond) / rate;
}

TimeNs ScriptedGenerator::arrival_gap_ns(std::uint32_t packets) const {
  constexpr TimeNs kPeriodSeconds = 300;
  constexpr TimeNs kAverage = 1000;
  const TimeNs gap = packets * kSecondNs / static_cast<TimeNs>(profile_.packets_per_second);
  if (!swells_) return gap;
  // A quarter of the period on, the rate begins at its average, so short traces have it, too.
  const TimeNs seconds = (next_arrival_ns_ - profile_.start_ns) / kSecondNs + kPeriodSeconds / 4;
  const TimeNs phase = seconds % kPeriodSeconds;
  const TimeNs from_middle = phase < kPeriodSeconds / 2 ? phase : kPeriodSeconds - phase;
  return gap * kAverage / (kAverage * 2 / 3 + from_middle * kAverage / 225);
}

std::uint8_t ScriptedGenerator::pick_family() const {
  // Walking through the weights in steps spreads the families evenly, whatever the seed.
  auto ticket = static_cast<std::uint32_t>(begun_ % total_weight_);
  std::uint8_t index = 0;
  while (ticket >= families_[index].weight) ticket -= families_[index++].weight;
  return index;
}

void ScriptedGenerator::begin_conversation() {
  const std::uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  Conversation& conversation = slots_[slot];
  conversation = Conversation{};
  conversation.family = pick_family();
  families_[conversation.family].family->plan(conversation, scratch_);
  ++begun_;
  schedule(next_arrival_ns_, slot);
  next_arrival_ns_ += arrival_gap_ns(conversation.packets_left());
}

void ScriptedGenerator::count(const Conversation& conversation, const FrameLengths& lengths) {
  ++ledger_.packets;
  ledger_.bytes += lengths.frame_bytes;
  ledger_.ip_bytes += lengths.ip_bytes;
  const bool tcp = conversation.transport == Transport::kTcp;
  const bool udp = conversation.transport == Transport::kUdp;
  ++(tcp ? ledger_.tcp_packets : udp ? ledger_.udp_packets : ledger_.icmp_packets);
  ledger_.ipv6_packets += conversation.ipv6 ? 1 : 0;
  ledger_.vlan_packets += conversation.vlan_id != 0 ? 1 : 0;
  ledger_.lisp_packets += conversation.tunnel.present ? 1 : 0;
}

bool ScriptedGenerator::next(PacketView& packet) {
  if (profile_.packets != 0 && ledger_.packets == profile_.packets) return false;
  while (!free_slots_.empty() && (events_.empty() || next_arrival_ns_ <= events_.front().time_ns)) {
    begin_conversation();
  }
  std::pop_heap(events_.begin(), events_.end(), later);
  const Event event = events_.back();
  events_.pop_back();

  Conversation& conversation = slots_[event.slot];
  const bool first = !conversation.begun();
  const Segment segment = conversation.step();
  const FrameLengths lengths =
      families_[conversation.family].family->encode(conversation, segment, scratch_, ledger_);
  count(conversation, lengths);
  if (first && conversation.new_biflow) ++ledger_.biflows;
  if (first && conversation.new_tuple) {
    const bool inner = conversation.tunnel.present;
    if (conversation.transport == Transport::kTcp) ++(inner ? ledger_.inner_tcp : ledger_.outer_tcp);
    if (conversation.transport == Transport::kUdp) ++(inner ? ledger_.inner_udp : ledger_.outer_udp);
  }

  last_ns_ = std::max(last_ns_ + 1, event.time_ns);
  if (segment.last) {
    free_slots_.push_back(event.slot);
    // What had to wait for a slot does not come all at once afterwards.
    if (free_slots_.size() == 1) next_arrival_ns_ = std::max(next_arrival_ns_, last_ns_);
  } else {
    schedule(last_ns_ + scaled_ns(segment.wait_us), event.slot);
  }
  packet = PacketView{};
  packet.data = scratch_.frame.data();
  packet.captured_length = std::min(lengths.frame_bytes, profile_.snaplen);
  packet.original_length = lengths.frame_bytes;
  packet.timestamp_ns = last_ns_;
  return true;
}

}  // namespace wireglass
