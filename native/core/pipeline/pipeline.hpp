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
#include "pipeline/pipeline_counters.hpp"
#include "segment/segment_writer.hpp"

namespace wireglass {

struct PipelineConfig {
  DecoderConfig decoder;
  MeterConfig meter;
  std::optional<SegmentConfig> segments;  ///< none: nothing is recorded
  bool count_conversations = false;
  TimeNs batch_age_ns =
      500 * kMillisecondNs;      ///< a batch of records that is not full is handed on after this
  std::function<void()> on_end;  ///< the worker's last act, in its thread; may be empty
};

enum class PipelineState : std::uint8_t { kIdle, kRunning, kDraining, kFinished, kFailed };

/// Joins the stages and owns the worker thread: capture, decode, meter, record, hand over. Only place that
/// knows all stages. Non-live sources wait for a full sink; live ones drop records and count them.
class Pipeline {
 public:
  Pipeline(const PipelineConfig& config, std::unique_ptr<CaptureBackend> backend,
           std::shared_ptr<FlowSink> sink, std::shared_ptr<const Clock> clock);
  /// Ends a running worker without waiting for packets in flight or a full sink; segments are completed all
  /// the same.
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// Opens segments and backend, then starts the worker. Once per Pipeline; after an error nothing runs.
  /// Errors: those of SegmentWriter::open and CaptureBackend::open.
  Result<void> start();
  /// Drains: what was received before this call is metered, recorded and handed over. Returns at once; then
  /// wait().
  void request_stop();
  /// Returns when the worker has ended (at once when it never ran).
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

  /// Asks the worker for its live flows; they come through the sink as Kind::kSnapshot, up to a batch that is
  /// `last`, under the id returned: `id` (not 0), or that of a request which waits already and is answered
  /// for both. Returns 0 when the worker has ended or never ran: no answer comes.
  std::uint32_t request_snapshot(std::uint32_t id);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wireglass
