#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "addon/batch_hub.hpp"
#include "pipeline/pipeline.hpp"

namespace wireglass {

struct EngineSnapshot {
  PipelineState state = PipelineState::kIdle;
  std::string backend;  ///< empty before the first capture
  std::vector<InterfaceInfo> interfaces;
  std::vector<Error> failures;
  double progress = -1;
};

/// What a capture is to be made of; `backends` are inert until they are opened.
struct CaptureOrder {
  PipelineConfig config;
  std::vector<std::unique_ptr<CaptureBackend>> backends;
};

/// The one engine of this process: at most one capture at a time, whose batches go to the subscribers of all
/// environments. Any thread may call it.
class CaptureEngine {
 public:
  /// The process's engine; it lives as long as someone holds it. The last holder's release ends a running
  /// capture.
  static std::shared_ptr<CaptureEngine> shared();

  const std::shared_ptr<BatchHub>& hub() const { return hub_; }

  /// May take long (devices, recovery of segments). Errors: "capture_running", those of Pipeline::start.
  Result<void> start(CaptureOrder order);
  /// Asks the running capture to drain. Error: "capture_not_running", unless batches are still being handed
  /// over.
  Result<void> request_stop();

  EngineSnapshot snapshot() const;
  PipelineCounters counters() const;
  ConversationCounts outer_conversations() const;
  ConversationCounts inner_conversations() const;

  /// Every request is answered through the hub up to a batch that is `last`, by no rows where nothing runs.
  std::uint32_t request_snapshot();

 private:
  static bool runs(const Pipeline& pipeline);
  std::shared_ptr<Pipeline> pipeline() const;

  const std::shared_ptr<BatchHub> hub_ = std::make_shared<BatchHub>();
  mutable std::mutex mutex_;
  std::shared_ptr<Pipeline> pipeline_;  ///< the running capture, or the last one
  bool starting_ = false;
  std::uint32_t next_snapshot_id_ = 1;
};

}  // namespace wireglass
