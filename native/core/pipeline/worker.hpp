#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "meter/flow_hash.hpp"
#include "meter/flow_meter.hpp"
#include "pipeline/digest_exchange.hpp"
#include "pipeline/digester.hpp"
#include "pipeline/owner_metering.hpp"
#include "pipeline/record_handover.hpp"
#include "pipeline/recorder.hpp"
#include "pipeline/snapshot_walk.hpp"
#include "pipeline/worker_intervals.hpp"

namespace wireglass {

struct WorkerConfig {
  std::uint32_t index = 0;  ///< among the exchange's workers
  DigesterConfig digester;
  MeterConfig meter;
  TimeNs batch_age_ns = 500 * kMillisecondNs;
};

/// What a worker works with; all of it outlives the worker. What it shares with the other workers is the same
/// for all of them.
struct WorkerParts {
  DigestExchange& exchange;
  SnapshotRequests& snapshots;
  const FlowHash& hash;  ///< owners follow from it
  const Clock& clock;
  SharedFragments& fragments;                    ///< of the worker's input
  Recorder* recorder = nullptr;                  ///< none: nothing is recorded
  ConversationCounter* conversations = nullptr;  ///< this worker's own; none: conversations are not counted
  IntervalOutlet* intervals = nullptr;           ///< none: no interval samples
  std::shared_ptr<FlowSink> sink;
};

/// What a worker has counted. Every packet was captured by the time that it shows here.
struct WorkerTally {
  std::uint64_t captured_bytes = 0;
  std::uint64_t metered_packets = 0;
  std::uint64_t metered_ip_bytes = 0;
  std::uint64_t outer_packets = 0;
  std::uint64_t outer_bytes = 0;
  std::uint64_t not_sampled = 0;
  std::array<std::uint64_t, kDecodeStatusNames.size()> refused{};
  std::array<std::uint64_t, kDecodeStatusNames.size()> unfollowed{};
  std::uint64_t digests_lost = 0;
  std::uint64_t flows_created = 0;
  std::uint64_t flows_live = 0;
  std::uint64_t flows_evicted = 0;
  std::uint64_t records = 0;
  std::array<std::uint64_t, kEndReasonNames.size()> records_by_reason{};
  std::uint64_t paths_refused = 0;
  std::uint64_t application_strings_refused = 0;
  std::uint64_t application_strings_cut = 0;
  std::uint64_t classifications = 0;
  std::uint64_t classifications_refused = 0;
  std::array<std::uint64_t, kGiveUpCount> application_gave_up{};
  std::uint64_t records_dropped = 0;
};

/// Decodes batches and meters the flows that it owns, in one thread: run().
class Worker {
 public:
  /// Longest wait for packets, and with it the delay of stop requests and snapshots on a quiet line.
  static constexpr int kPollTimeoutMs = 20;

  Worker(const WorkerConfig& config, const WorkerParts& parts);

  /// Runs until the input's end or a drained stop, and leaves nothing behind: flows flushed, batches handed
  /// over. Returns false when the capture failed.
  bool run();

  /// From any thread: packets are drained from now on; nothing is lost by waiting for a full sink any more.
  void expect_end() { ending_.store(true, std::memory_order_relaxed); }
  /// From any thread: end at once, without waiting for packets in flight or for a sink that is full.
  void abandon() { abandon_.store(true, std::memory_order_relaxed); }

  /// From any thread: as of the worker's last batch.
  WorkerTally tally() const;
  /// From any thread: packets refused for their link type, by its name.
  std::vector<std::pair<std::string, std::uint64_t>> refused_link_types() const {
    return digester_.refusals().by_link_type();
  }

 private:
  static constexpr TimeNs kNoteLossesIntervalNs = 50 * kMillisecondNs;
  /// The clock moves a live meter on no further than this behind itself: what the kernel still holds is
  /// older.
  static constexpr TimeNs kLiveLagNs = 200 * kMillisecondNs;

  void process(DigestParcel& parcel);
  void meter_owned();
  void between_batches(bool quiet);
  void finish();
  void advance_meter();
  void publish();
  static void read(const ApplicationCounters& applications, WorkerTally& tally);

  WorkerConfig config_;
  WorkerParts parts_;
  const bool live_;
  const bool ordered_;
  const bool shares_input_;  ///< with other workers
  Digester digester_;
  RecordHandover handover_;
  WorkerIntervals intervals_;
  FlowMeter meter_;
  OwnerMetering metering_;
  SnapshotWalk snapshots_;

  TimeNs now_ns_ = 0;
  TimeNs losses_noted_ns_ = 0;
  std::uint64_t outer_packets_ = 0;
  std::uint64_t outer_bytes_ = 0;

  std::atomic<bool> ending_{false};
  std::atomic<bool> abandon_{false};

  mutable std::mutex published_mutex_;
  WorkerTally published_;
};

}  // namespace wireglass
