#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "capture/capture_backend.hpp"
#include "decode/decoder.hpp"
#include "meter/conversation_counter.hpp"
#include "meter/flow_hash.hpp"
#include "meter/flow_meter.hpp"
#include "pipeline/digest_exchange.hpp"
#include "pipeline/pipeline_counters.hpp"
#include "pipeline/record_handover.hpp"
#include "pipeline/refusal_tally.hpp"
#include "pipeline/snapshot_walk.hpp"
#include "segment/segment_writer.hpp"

namespace wireglass {

struct WorkerConfig {
  std::uint32_t index = 0;  ///< among the exchange's workers
  DecoderConfig decoder;
  MeterConfig meter;
  TimeNs batch_age_ns = 500 * kMillisecondNs;
};

/// What a worker works with; all of it outlives the worker.
struct WorkerParts {
  CaptureBackend& backend;
  DigestExchange& exchange;
  const FlowHash& hash;  ///< the same for all workers: owners follow from it
  const Clock& clock;
  SegmentWriter* segments = nullptr;             ///< none: nothing is recorded
  ConversationCounter* conversations = nullptr;  ///< none: conversations are not counted
  std::shared_ptr<FlowSink> sink;
};

/// One capture queue's way from packets to records, in one thread: run(). Owns the flows that the exchange
/// gives it.
class Worker {
 public:
  /// Longest wait for packets, and with it the delay of stop requests and snapshots on a quiet line.
  static constexpr int kPollTimeoutMs = 20;

  Worker(const WorkerConfig& config, const WorkerParts& parts);

  /// Runs until the input's end or a drained stop, and leaves nothing behind: flows flushed, batches handed
  /// over, segment completed. Returns false when the capture failed.
  bool run();

  /// From any thread: drain and end.
  void request_stop() { stop_.store(true, std::memory_order_relaxed); }
  /// From any thread: end at once, without waiting for packets in flight or for a sink that is full.
  void abandon() { abandon_.store(true, std::memory_order_relaxed); }

  // Readable from any thread.
  /// As of the last time the worker published them: kPublishIntervalNs ago at most while packets come.
  PipelineCounters counters() const;
  SnapshotWalk& snapshots() { return snapshots_; }
  std::vector<InterfaceInfo> interfaces() const;
  std::vector<Error> failures() const;

 private:
  static constexpr TimeNs kPublishIntervalNs = 50 * kMillisecondNs;
  /// The clock moves a live meter on no further than this behind itself: what the kernel still holds is
  /// older.
  static constexpr TimeNs kLiveLagNs = 200 * kMillisecondNs;

  void begin_drain();
  void process(const PacketBatch& batch);
  void digest(const PacketView& packet, std::uint32_t segment);
  /// The long way to a digest; false, with the reason counted, where the packet makes no flow.
  bool decode(const PacketView& packet, std::uint32_t segment, PacketDigest& digest);
  void meter_foreign();
  void between_batches();
  void finish();
  void advance_meter();
  void publish();
  PipelineCounters read_counters();
  void read_recording(PipelineCounters& counters) const;

  WorkerConfig config_;
  WorkerParts parts_;
  const bool live_;
  Decoder decoder_;
  RecordHandover handover_;
  FlowMeter meter_;
  SnapshotWalk snapshots_;
  RefusalTally refusals_;

  DecodedPacket decoded_;
  std::array<PacketDigest, PacketBatch::kCapacity> digests_;
  std::array<std::uint64_t, PacketBatch::kCapacity> flow_ids_{};
  std::size_t digest_count_ = 0;

  bool draining_ = false;
  TimeNs now_ns_ = 0;
  TimeNs published_ns_ = 0;
  std::uint64_t captured_packets_ = 0;
  std::uint64_t captured_bytes_ = 0;

  std::atomic<bool> stop_{false};
  std::atomic<bool> abandon_{false};

  mutable std::mutex published_mutex_;
  PipelineCounters published_;
  std::vector<InterfaceInfo> published_interfaces_;
  std::vector<Error> published_failures_;
};

}  // namespace wireglass
