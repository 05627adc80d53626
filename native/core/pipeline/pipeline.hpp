#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "capture/capture_backend.hpp"
#include "decode/decoder.hpp"
#include "meter/conversation_counter.hpp"
#include "meter/flow_batch.hpp"
#include "meter/flow_meter.hpp"
#include "meter/fragment_table.hpp"
#include "pipeline/pipeline_counters.hpp"
#include "pipeline/sampler.hpp"
#include "segment/segment_writer.hpp"

namespace wireglass {

struct PipelineConfig {
  static constexpr std::uint32_t kMaxWorkers = 64;
  /// Shorter idle timeouts count as this where every worker has a live input of its own.
  static constexpr TimeNs kMinIdleOfQueuesNs = kSecondNs;

  DecoderConfig decoder;
  FragmentConfig fragments;  ///< of each input
  SamplingConfig sampling;   ///< what it leaves out is recorded all the same
  bool outer_flows = false;  ///< a tunnel's outermost IP layer makes a flow of its own, besides those inside
  MeterConfig meter;         ///< max_flows are shared out among the workers
  std::optional<SegmentConfig> segments;  ///< none: nothing is recorded
  bool count_conversations = false;
  std::uint32_t workers = 1;  ///< threads that decode and meter; at most kMaxWorkers
  TimeNs batch_age_ns =
      500 * kMillisecondNs;  ///< a batch of records that is not full is handed on after this
  std::optional<std::uint64_t>
      hash_seed;                 ///< who owns a flow, what sampling takes: repeatable where this is set
  std::function<void()> on_end;  ///< the last worker's last act, in its thread; may be empty
};

enum class PipelineState : std::uint8_t { kIdle, kRunning, kDraining, kFinished, kFailed };

/// Joins the stages and owns the workers' threads: capture, decode, meter, record, hand over. Only place that
/// knows all stages. Every flow has one worker that meters it; which one follows from its key. Non-live
/// sources wait for a full sink; live ones drop records and count them.
class Pipeline {
 public:
  Pipeline(const PipelineConfig& config, std::unique_ptr<CaptureBackend> backend,
           std::shared_ptr<FlowSink> sink, std::shared_ptr<const Clock> clock);
  /// With a live input of its own for each worker (make_live_backends); a single one is shared by all.
  Pipeline(const PipelineConfig& config, std::vector<std::unique_ptr<CaptureBackend>> backends,
           std::shared_ptr<FlowSink> sink, std::shared_ptr<const Clock> clock);
  /// Ends running workers without waiting for packets in flight or a full sink; segments are completed all
  /// the same.
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// Opens segments and backend, then starts the workers. Once per Pipeline; after an error nothing runs.
  /// Errors: those of SegmentWriter::open and CaptureBackend::open.
  Result<void> start();
  /// Drains: what was received before this call is metered, recorded and handed over. Returns at once; then
  /// wait().
  void request_stop();
  /// Returns when all workers have ended (at once when none ever ran).
  void wait();

  PipelineState state() const;
  /// Why the state is kFailed, or which inputs could not be read to their end (the others were).
  std::vector<Error> failures() const;
  PipelineCounters counters() const;
  /// "af_packet", "file", ...: the backend's name.
  std::string_view backend_name() const;
  std::vector<InterfaceInfo> interfaces() const;
  /// After the end only.
  ConversationCounts outer_conversations() const;
  ConversationCounts inner_conversations() const;

  /// Asks the workers for their live flows; they come through the sink as Kind::kSnapshot, up to a batch that
  /// is `last`, under the id returned: `id` (not 0), or that of a request which waits already and is answered
  /// for both. Returns 0 when the workers have ended or never ran: no answer comes.
  std::uint32_t request_snapshot(std::uint32_t id);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wireglass
