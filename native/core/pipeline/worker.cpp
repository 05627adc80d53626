#include "pipeline/worker.hpp"

#include <chrono>
#include <limits>
#include <thread>
#include <utility>

#include "meter/plain_digest.hpp"

namespace wireglass {

namespace {
constexpr auto kWaitInterval = std::chrono::microseconds(200);
}

Worker::Worker(const WorkerConfig& config, const WorkerParts& parts)
    : config_(config),
      parts_(parts),
      live_(parts.backend.is_live()),
      decoder_(config.decoder),
      handover_(parts.sink, config.batch_age_ns, abandon_),
      meter_(config.meter, [this](const FlowRecord& record) { handover_.append(record); }),
      now_ns_(parts.clock.now()) {
  if (live_) handover_.when_full(RecordHandover::WhenFull::kDrop);
  publish();
}

bool Worker::run() {
  PacketBatch batch;
  ReadStatus status = ReadStatus::kTimeout;
  while (status == ReadStatus::kPackets || status == ReadStatus::kTimeout) {
    if (abandon_.load(std::memory_order_relaxed)) break;
    if (stop_.load(std::memory_order_relaxed) && !draining_) begin_drain();
    status = parts_.backend.read(batch, kPollTimeoutMs);
    now_ns_ = parts_.clock.now();
    if (status == ReadStatus::kPackets) process(batch);
    batch.release();
    if (status == ReadStatus::kTimeout || now_ns_ - published_ns_ >= kPublishIntervalNs) publish();
    between_batches();
  }
  finish();
  return status != ReadStatus::kFailed;
}

void Worker::begin_drain() {
  draining_ = true;
  // The kernel takes nothing in any more, so that waiting for the sink loses nothing.
  handover_.when_full(RecordHandover::WhenFull::kWait);
  parts_.backend.begin_drain();
}

void Worker::process(const PacketBatch& batch) {
  const std::span<const PacketView> packets = batch.packets();
  const auto segment =
      parts_.segments ? static_cast<std::uint32_t>(parts_.segments->begin_batch(now_ns_)) : std::uint32_t{0};
  std::uint64_t bytes = 0;
  digest_count_ = 0;
  for (const PacketView& packet : packets) {
    bytes += packet.original_length;
    digest(packet, segment);
  }
  captured_packets_ += packets.size();
  captured_bytes_ += bytes;
  meter_.meter({digests_.data(), digest_count_}, {flow_ids_.data(), digest_count_});
  if (parts_.segments) {
    const std::span<const InterfaceInfo> interfaces = parts_.backend.interfaces();
    for (const PacketView& packet : packets) parts_.segments->append(packet, interfaces);
  }
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

void Worker::digest(const PacketView& packet, std::uint32_t segment) {
  PacketDigest& digest = digests_[digest_count_];
  if (make_plain_digest(packet, decoder_.udp_ports(), parts_.hash, segment, digest)) {
    if (parts_.conversations) parts_.conversations->observe_plain(digest.key);
  } else if (!decode(packet, segment, digest)) {
    return;
  }
  const std::uint32_t owner = parts_.exchange.owner_of(digest.hash);
  if (owner == config_.index) {
    ++digest_count_;
  } else {
    parts_.exchange.hand_over(config_.index, owner, digest);
  }
}

void Worker::meter_foreign() {
  if (parts_.exchange.workers() == 1) return;
  while (const std::size_t count = parts_.exchange.take(config_.index, digests_.data(), digests_.size())) {
    meter_.meter({digests_.data(), count}, {flow_ids_.data(), count});
  }
}

void Worker::advance_meter() {
  // A file's time is its packets' alone (it may go back between files); the meter takes it from them by
  // itself.
  meter_.advance(live_ ? now_ns_ - kLiveLagNs : std::numeric_limits<TimeNs>::min());
}

void Worker::between_batches() {
  meter_foreign();
  advance_meter();
  // What closed since a snapshot's last slice goes ahead of the next one, so that no flow is missing from
  // both.
  handover_.poll(now_ns_, snapshots_.wanted());
  snapshots_.step(meter_, *parts_.sink);
  if (parts_.segments) parts_.segments->tick(now_ns_);
}

void Worker::finish() {
  handover_.when_full(RecordHandover::WhenFull::kWait);
  parts_.exchange.leave();
  while (!parts_.exchange.all_left()) {
    meter_foreign();
    std::this_thread::sleep_for(kWaitInterval);
  }
  meter_foreign();
  meter_.flush(EndReason::kForcedEnd);
  handover_.flush();
  // The table is empty by now: what is still asked for is answered by an empty batch.
  while (!snapshots_.close(abandon_.load(std::memory_order_relaxed))) {
    if (!snapshots_.step(meter_, *parts_.sink)) std::this_thread::sleep_for(kWaitInterval);
  }
  publish();  // the losses, which the last segment's statistics tell
  // A failure to complete the segment shows as disk_trouble.
  if (parts_.segments) static_cast<void>(parts_.segments->close(parts_.clock.now()));
  publish();
}

void Worker::publish() {
  published_ns_ = now_ns_;
  PipelineCounters counters = read_counters();
  if (parts_.segments) {
    const CaptureCounters& capture = counters.capture;
    parts_.segments->note_drops(capture.offered, capture.dropped_kernel + capture.dropped_interface);
  }
  const std::span<const InterfaceInfo> interfaces = parts_.backend.interfaces();
  const std::span<const Error> failures = parts_.backend.failures();
  const std::lock_guard lock(published_mutex_);
  published_ = std::move(counters);
  if (published_interfaces_.size() != interfaces.size()) {
    published_interfaces_.assign(interfaces.begin(), interfaces.end());
  }
  if (published_failures_.size() != failures.size()) {
    published_failures_.assign(failures.begin(), failures.end());
  }
}

PipelineCounters Worker::read_counters() {
  PipelineCounters counters;
  counters.capture = parts_.backend.counters();
  counters.progress = parts_.backend.progress();
  counters.captured_packets = captured_packets_;
  counters.captured_bytes = captured_bytes_;
  const std::uint64_t told =
      captured_packets_ + counters.capture.dropped_kernel + counters.capture.dropped_interface;
  counters.packets_in_ring = counters.capture.offered > told ? counters.capture.offered - told : 0;
  const MeterCounters& meter = meter_.counters();
  counters.metered_packets = meter.packets.value();
  counters.metered_ip_bytes = meter.bytes.value();
  counters.refused = refusals_.by_status();
  counters.refused_link_types = refusals_.by_link_type();
  counters.digests_lost = parts_.exchange.lost(config_.index);
  counters.flows_created = meter.flows_created.value();
  counters.flows_live = meter.flows_live.value();
  counters.flows_evicted = meter.flows_evicted.value();
  counters.records = meter.records.value();
  counters.records_dropped = handover_.records_dropped().value();
  read_recording(counters);
  return counters;
}

void Worker::read_recording(PipelineCounters& counters) const {
  if (!parts_.segments) {
    counters.packets_not_recorded = captured_packets_;
    return;
  }
  const SegmentCounters& segments = parts_.segments->counters();
  counters.packets_recorded = segments.packets_recorded.value();
  counters.bytes_recorded = segments.bytes_recorded.value();
  counters.packets_lost_to_disk = segments.packets_lost_to_disk.value();
  counters.packets_buffered = captured_packets_ - counters.packets_recorded - counters.packets_lost_to_disk;
  counters.segments_completed = segments.segments_completed.value();
  counters.segments_evicted = segments.segments_evicted.value();
  counters.disk_trouble = parts_.segments->trouble();
}

PipelineCounters Worker::counters() const {
  const std::lock_guard lock(published_mutex_);
  return published_;
}

std::vector<InterfaceInfo> Worker::interfaces() const {
  const std::lock_guard lock(published_mutex_);
  return published_interfaces_;
}

std::vector<Error> Worker::failures() const {
  const std::lock_guard lock(published_mutex_);
  return published_failures_;
}

}  // namespace wireglass
