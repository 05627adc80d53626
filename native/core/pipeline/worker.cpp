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
  const std::uint64_t segment = parts_.segments ? parts_.segments->begin_batch(now_ns_) : 0;
  std::uint64_t bytes = 0;
  digest_count_ = 0;
  for (const PacketView& packet : packets) {
    bytes += packet.original_length;
    digest(packet, segment);
  }
  captured_packets_.add(packets.size());
  captured_bytes_.add(bytes);
  meter_.meter({digests_.data(), digest_count_}, {flow_ids_.data(), digest_count_});
  if (parts_.segments) {
    const std::span<const InterfaceInfo> interfaces = parts_.backend.interfaces();
    for (const PacketView& packet : packets) parts_.segments->append(packet, interfaces);
  }
}

void Worker::digest(const PacketView& packet, std::uint64_t segment) {
  decoder_.decode(packet, decoded_);
  if (decoded_.status != DecodeStatus::kOk) {
    refusals_.count(decoded_.status, packet.link_type);
    return;
  }
  if (parts_.conversations) parts_.conversations->observe(packet, decoded_);
  PacketDigest& digest = digests_[digest_count_];
  make_digest(packet, decoded_, segment, digest);
  digest.hash = parts_.hash(digest.key);
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
  handover_.poll(now_ns_);
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
  publish();
  if (parts_.segments && !parts_.segments->close(parts_.clock.now()).ok()) publish();
}

void Worker::publish() {
  published_ns_ = now_ns_;
  const CaptureCounters counters = parts_.backend.counters();
  if (parts_.segments) {
    parts_.segments->note_drops(counters.offered, counters.dropped_kernel + counters.dropped_interface);
  }
  const std::span<const InterfaceInfo> interfaces = parts_.backend.interfaces();
  const std::span<const Error> failures = parts_.backend.failures();
  const std::lock_guard lock(published_mutex_);
  published_.counters = counters;
  published_.progress = parts_.backend.progress();
  published_.disk_trouble = parts_.segments ? parts_.segments->trouble() : std::string();
  if (published_interfaces_.size() != interfaces.size()) {
    published_interfaces_.assign(interfaces.begin(), interfaces.end());
  }
  if (published_failures_.size() != failures.size()) {
    published_failures_.assign(failures.begin(), failures.end());
  }
}

CaptureReport Worker::capture_report() const {
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
