#include "pipeline/worker.hpp"

#include <chrono>
#include <limits>
#include <thread>

#include "meter/plain_digest.hpp"

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
      decoder_(config.decoder),
      handover_(parts.sink, config.batch_age_ns, abandon_),
      meter_(config.meter, [this](const FlowRecord& record) { handover_.append(record); }),
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
  for (DigestList& list : parcel.lists) list.clear();
  parcel.times.clear();
  const std::span<const PacketView> packets = parcel.batch.packets();
  for (std::size_t position = 0; position < packets.size(); ++position) {
    captured_bytes_ += packets[position].original_length;
    digest(packets[position], position, segment, parcel);
  }
  parts_.exchange.publish(config_.index, parcel);
}

bool Worker::decode(const PacketView& packet, std::uint32_t segment, PacketDigest& digest) {
  decoder_.decode(packet, decoded_);
  if (decoded_.status != DecodeStatus::kOk) {
    refusals_.count(decoded_.status, packet.link_type);
    return false;
  }
  if (parts_.conversations) parts_.conversations->observe(packet, decoded_);
  make_digest(packet, decoded_, segment, digest);
  hash_key(parts_.hash, digest);
  return true;
}

void Worker::digest(const PacketView& packet, std::size_t position, std::uint32_t segment,
                    DigestParcel& parcel) {
  DigestList& own = parcel.lists[config_.index];
  PacketDigest& digest = own.next();
  if (make_plain_digest(packet, decoder_.udp_ports(), parts_.hash, segment, digest)) {
    if (parts_.conversations) parts_.conversations->observe_plain(digest.key);
  } else if (!decode(packet, segment, digest)) {
    return;
  }
  const std::uint32_t owner = parts_.exchange.owner_of(digest.hash);
  if (owner == config_.index) {
    own.keep(position);
  } else {
    parcel.lists[owner].append(digest, position);
  }
  if (shares_input_) parcel.times.add(position, packet.timestamp_ns);
}

void Worker::meter_owned() {
  while (DigestParcel* parcel = parts_.exchange.take(config_.index)) {
    if (shares_input_) {
      metering_.meter_in_order(*parcel);
    } else {
      metering_.meter(*parcel);
    }
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
  // The table is empty by now: what is still asked for is answered by an empty batch.
  while (!snapshots_.leave(abandon_.load(std::memory_order_relaxed))) {
    if (!snapshots_.step(meter_, *parts_.sink)) std::this_thread::sleep_for(kWaitInterval);
  }
  publish();
}

void Worker::publish() {
  WorkerTally tally;
  tally.captured_bytes = captured_bytes_;
  const MeterCounters& meter = meter_.counters();
  tally.metered_packets = meter.packets.value();
  tally.metered_ip_bytes = meter.bytes.value();
  tally.refused = refusals_.by_status();
  tally.digests_lost = parts_.exchange.lost(config_.index);
  tally.flows_created = meter.flows_created.value();
  tally.flows_live = meter.flows_live.value();
  tally.flows_evicted = meter.flows_evicted.value();
  tally.records = meter.records.value();
  tally.records_dropped = handover_.records_dropped().value();
  const std::lock_guard lock(published_mutex_);
  published_ = tally;
}

WorkerTally Worker::tally() const {
  const std::lock_guard lock(published_mutex_);
  return published_;
}

}  // namespace wireglass
