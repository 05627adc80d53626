#include "pipeline/worker.hpp"

#include <chrono>
#include <limits>
#include <thread>

namespace wireglass {

namespace {
constexpr auto kWaitInterval = std::chrono::microseconds(200);
}

Worker::Worker(const WorkerConfig& config, const WorkerParts& parts)
    : config_(config),
      parts_(parts),
      live_(parts.exchange.is_live()),
      ordered_(parts.exchange.is_ordered()),
      shares_input_(ordered_ && parts.exchange.workers() > 1),
      digester_(config.digester, parts.exchange, parts.hash, parts.fragments, parts.conversations,
                intervals_),
      handover_(parts.sink, config.batch_age_ns, abandon_),
      intervals_(config.index, config.meter.intervals.value_or(IntervalConfig{}), parts.intervals),
      meter_(
          config.meter, [this](const FlowRecord& record) { handover_.append(record); },
          intervals_.receiver()),
      metering_(config.index, meter_),
      snapshots_(parts.snapshots),
      now_ns_(parts.clock.now()) {
  if (live_) handover_.when_full(RecordHandover::WhenFull::kDrop);
}

bool Worker::run() {
  ReadStatus status = ReadStatus::kTimeout;
  while (status == ReadStatus::kPackets || status == ReadStatus::kTimeout) {
    if (abandon_.load(std::memory_order_relaxed)) break;
    // The kernel takes nothing in any more, so that waiting for the sink loses nothing.
    if (ending_.load(std::memory_order_relaxed)) handover_.when_full(RecordHandover::WhenFull::kWait);
    DigestParcel* parcel = nullptr;
    status = parts_.exchange.read(config_.index, parcel, kPollTimeoutMs);
    now_ns_ = parts_.clock.now();
    if (status == ReadStatus::kPackets) process(*parcel);
    meter_owned();
    publish();
    between_batches(status == ReadStatus::kTimeout);
  }
  finish();
  return status != ReadStatus::kFailed;
}

void Worker::process(DigestParcel& parcel) {
  const std::uint32_t segment =
      parts_.recorder ? parts_.recorder->record(parcel, ordered_) : std::uint32_t{0};
  digester_.digest(parcel, segment);
  parts_.exchange.publish(config_.index, parcel);
}

void Worker::meter_owned() {
  while (DigestParcel* parcel = parts_.exchange.take(config_.index)) {
    if (shares_input_) {
      metering_.meter_in_order(*parcel);
    } else {
      metering_.meter(*parcel);
    }
    outer_packets_ += parcel->lists[config_.index].outer_packets();
    outer_bytes_ += parcel->lists[config_.index].outer_bytes();
    parts_.exchange.give_back(config_.index, *parcel);
  }
}

void Worker::advance_meter() {
  // A file's time is its packets' alone (it may go back between files); the meter takes it from them by
  // itself.
  meter_.advance(live_ ? now_ns_ - kLiveLagNs : std::numeric_limits<TimeNs>::min());
}

void Worker::between_batches(bool quiet) {
  advance_meter();
  // What closed since a snapshot's last slice goes ahead of the next one, so that no flow is missing from
  // both.
  handover_.poll(now_ns_, snapshots_.wanted());
  intervals_.between_batches(meter_, handover_.waits(), abandon_);
  snapshots_.step(meter_, *parts_.sink);
  if (parts_.recorder == nullptr) return;
  if (quiet) parts_.recorder->tick();
  if (config_.index == 0 && now_ns_ - losses_noted_ns_ >= kNoteLossesIntervalNs) {
    losses_noted_ns_ = now_ns_;
    parts_.recorder->note_losses(parts_.exchange.reading().capture);
  }
}

void Worker::finish() {
  handover_.when_full(RecordHandover::WhenFull::kWait);
  meter_.flush(EndReason::kForcedEnd);
  handover_.flush();
  intervals_.finish(abandon_);
  // The table is empty by now: what is still asked for is answered by an empty batch.
  while (!snapshots_.leave(abandon_.load(std::memory_order_relaxed))) {
    if (!snapshots_.step(meter_, *parts_.sink)) std::this_thread::sleep_for(kWaitInterval);
  }
  publish();
}

void Worker::read(const ApplicationCounters& applications, WorkerTally& tally) {
  tally.application_strings_refused = applications.strings_refused.value();
  tally.application_strings_cut = applications.strings_cut.value();
  tally.classifications = applications.classifications.value();
  tally.classifications_refused = applications.classifications_refused.value();
  for (std::size_t reason = 0; reason < kGiveUpCount; ++reason)
    tally.application_gave_up[reason] = applications.gave_up[reason].value();
}

void Worker::publish() {
  WorkerTally tally;
  tally.captured_bytes = digester_.captured_bytes();
  tally.not_sampled = digester_.not_sampled();
  const MeterCounters& meter = meter_.counters();
  // The meter does not tell outer flows' packets apart.
  tally.metered_packets = meter.packets.value() - outer_packets_;
  tally.metered_ip_bytes = meter.bytes.value() - outer_bytes_;
  tally.outer_packets = outer_packets_;
  tally.outer_bytes = outer_bytes_;
  tally.refused = digester_.refusals().by_status();
  tally.unfollowed = digester_.refusals().unfollowed();
  tally.digests_lost = parts_.exchange.lost(config_.index);
  tally.flows_created = meter.flows_created.value();
  tally.flows_live = meter.flows_live.value();
  tally.flows_evicted = meter.flows_evicted.value();
  tally.records = meter.records.value();
  for (std::size_t reason = 0; reason < tally.records_by_reason.size(); ++reason)
    tally.records_by_reason[reason] = meter.records_by_reason[reason].value();
  tally.paths_refused = meter.paths_refused.value();
  if (const ApplicationCounters* applications = meter_.application_counters()) read(*applications, tally);
  tally.records_dropped = handover_.records_dropped().value();
  const std::lock_guard lock(published_mutex_);
  published_ = tally;
}

WorkerTally Worker::tally() const {
  const std::lock_guard lock(published_mutex_);
  return published_;
}

}  // namespace wireglass
