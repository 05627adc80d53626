#include <algorithm>
#include <array>

#include "meter/flow_cache.hpp"

namespace wireglass {

void FlowMeter::Cache::advance(TimeNs now) {
  now_ = std::max(now_, now);
  if (intervals_) {
    intervals_->advance(now_);
    intervals_->step(kIntervalStepFlows, now_);
  }
  if (table_.live() == 0) return;
  wheel_.advance_to(wheel_time(now_));
  std::array<EntryNumber, kReapGroupEntries> due;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  for (std::uint32_t touched = 0; touched < kExpiryStepEntries; touched += kReapGroupEntries) {
    const std::size_t count = wheel_.peek_due(due);
    for (std::size_t position = 0; position < count; ++position) table_.prefetch_whole(due[position]);
    for (std::size_t position = 0; position < count; ++position) table_.prefetch_slot_of(due[position]);
    for (std::size_t position = 0; position < count; ++position) reap(due[position]);
    if (count < due.size()) break;
  }
  counters_.flows_live.set(table_.live());
}

/// Does what is due about an entry whose bucket came up. Returns whether that freed it; if not, it is queued
/// anew.
bool FlowMeter::Cache::reap(EntryNumber number) {
  FlowEntry& entry = table_.entry(number);
  if (!entry.has(flow_state::kRecordClosed)) {
    if (const auto reason = lifetime_.end_of_record(entry, now_)) close_record(number, entry, *reason);
  }
  if (lifetime_.flow_over(entry, now_)) {
    release(number);
    return true;
  }
  entry.clear(flow_state::kTouched);
  wheel_.move(number, lifetime_.deadline(entry));
  return false;
}

/// Who is next to go lies anywhere in memory: fetched some evictions ahead, and its place in the index once
/// its tag is there.
void FlowMeter::Cache::prefetch_next_out() const {
  const EntryNumber due = wheel_.first_due();
  const EntryNumber next = due != kNoEntry ? due : wheel_.first_waiting();
  if (next == kNoEntry) return;
  if (const EntryNumber far = wheel_.following(next, 6); far != kNoEntry) table_.prefetch_whole(far);
  if (const EntryNumber near = wheel_.following(next, 2); near != kNoEntry) table_.prefetch_slot_of(near);
}

/// Second chance by the wheel's order: an entry that had a packet since it was queued, or whose bucket is
/// that of its record's active timeout, moves on to where its idle timeout belongs; one that stands there
/// already is the oldest. Each such move is paid for by a packet, so making room costs O(1) on average and
/// kEvictionProbes at most.
void FlowMeter::Cache::make_room() {
  wheel_.advance_to(wheel_time(now_));
  prefetch_next_out();
  EntryNumber oldest = kNoEntry;
  for (std::uint32_t probe = 0; probe < kEvictionProbes; ++probe) {
    if (const EntryNumber due = wheel_.first_due(); due != kNoEntry) {
      if (reap(due)) return;
      continue;
    }
    const EntryNumber waiting = wheel_.first_waiting();
    FlowEntry& entry = table_.entry(waiting);
    const WheelTime deadline = lifetime_.flow_deadline(entry);
    if (!entry.has(flow_state::kTouched) && wheel_.waits_for(deadline)) return evict(waiting);
    if (oldest == kNoEntry || entry.end_ns < table_.entry(oldest).end_ns) oldest = waiting;
    entry.clear(flow_state::kTouched);
    wheel_.move(waiting, deadline);
  }
  // So many had packets lately that the oldest among them may well be a busy one; the next in line is no
  // worse.
  const EntryNumber next = wheel_.first_due() != kNoEntry ? wheel_.first_due() : wheel_.first_waiting();
  if (oldest == kNoEntry || table_.entry(next).end_ns < table_.entry(oldest).end_ns) oldest = next;
  evict(oldest);
}

void FlowMeter::Cache::evict(EntryNumber number) {
  FlowEntry& entry = table_.entry(number);
  if (!entry.has(flow_state::kRecordClosed)) {
    close_record(number, entry, FlowLifetime::unless_ended(entry, EndReason::kLackOfResources));
  }
  release(number);
  counters_.flows_evicted.add();
}

void FlowMeter::Cache::flush(EndReason reason) {
  const EntryNumber end = table_.end();
  for (EntryNumber number = 0; number < end; ++number) {
    FlowEntry& entry = table_.entry(number);
    if (number + kReapGroupEntries < end) table_.prefetch_slot_of(number + kReapGroupEntries);
    if (!entry.has(flow_state::kLive)) continue;
    if (!entry.has(flow_state::kRecordClosed)) {
      const EndReason otherwise = FlowLifetime::unless_ended(entry, reason);
      close_record(number, entry, lifetime_.end_of_record(entry, now_).value_or(otherwise));
    }
    release(number);
  }
  counters_.flows_live.set(table_.live());
  if (intervals_) intervals_->finish();
}

TimeNs FlowMeter::Cache::intervals_complete_until() const {
  return intervals_ ? intervals_->complete_until() : std::numeric_limits<TimeNs>::min();
}

std::uint32_t FlowMeter::Cache::snapshot(std::uint32_t position, std::uint32_t limit,
                                         const RecordReceiver& show) const {
  const EntryNumber end = table_.end();
  std::uint32_t shown = 0;
  std::uint32_t passed = 0;
  for (EntryNumber number = position; number < end; ++number) {
    if (shown == limit || passed == kSnapshotStepEntries) return number;
    const FlowEntry& entry = table_.entry(number);
    if (entry.has(flow_state::kLive) && !entry.has(flow_state::kRecordClosed)) {
      show(record_of(number, EndReason::kLive));
      ++shown;
    } else {
      ++passed;
    }
  }
  return 0;
}

}  // namespace wireglass
