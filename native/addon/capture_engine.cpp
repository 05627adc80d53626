#include "addon/capture_engine.hpp"

#include <new>
#include <system_error>
#include <utility>

#include "base/clock.hpp"

namespace wireglass {

namespace {

Result<void> start_pipeline(Pipeline& pipeline) {
  try {
    return pipeline.start();
  } catch (const std::bad_alloc&) {
    return Error{"out_of_memory",
                 "There is not enough memory for a flow table of this size; lower maxFlows."};
  } catch (const std::system_error& error) {
    return Error{"capture_start_failed",
                 std::string("The capture's thread cannot be started: ") + error.what()};
  }
}

}  // namespace

std::shared_ptr<CaptureEngine> CaptureEngine::shared() {
  static std::mutex mutex;
  static std::weak_ptr<CaptureEngine> engine;
  const std::lock_guard lock(mutex);
  std::shared_ptr<CaptureEngine> held = engine.lock();
  if (!held) {
    held = std::make_shared<CaptureEngine>();
    engine = held;
  }
  return held;
}

bool CaptureEngine::runs(const Pipeline& pipeline) {
  const PipelineState state = pipeline.state();
  return state == PipelineState::kRunning || state == PipelineState::kDraining;
}

std::shared_ptr<Pipeline> CaptureEngine::pipeline() const {
  const std::lock_guard lock(mutex_);
  return pipeline_;
}

Result<void> CaptureEngine::start(CaptureOrder order) {
  {
    const std::lock_guard lock(mutex_);
    if (starting_ || (pipeline_ && runs(*pipeline_))) {
      return Error{"capture_running", "A capture is running; stop it first, then start the next one."};
    }
    starting_ = true;
  }
  order.config.on_end = [hub = hub_] { hub->end_run(); };
  auto next = std::make_shared<Pipeline>(order.config, std::move(order.backends), hub_,
                                         std::make_shared<const SystemClock>());
  hub_->begin_run();
  Result<void> started = start_pipeline(*next);
  if (!started.ok()) hub_->end_run();
  // Its destructor joins the ended worker's thread, for which nobody should wait with the lock held.
  std::shared_ptr<Pipeline> previous;
  const std::lock_guard lock(mutex_);
  starting_ = false;
  if (started.ok()) previous = std::exchange(pipeline_, std::move(next));
  return started;
}

Result<void> CaptureEngine::request_stop() {
  const std::shared_ptr<Pipeline> current = pipeline();
  if (current && runs(*current)) {
    current->request_stop();
    return {};
  }
  if (!hub_->all_handed_over()) return {};
  return Error{"capture_not_running", "No capture is running."};
}

EngineSnapshot CaptureEngine::snapshot() const {
  const std::shared_ptr<Pipeline> current = pipeline();
  if (!current) return {};
  EngineSnapshot snapshot;
  snapshot.state = current->state();
  snapshot.backend = current->backend_name();
  snapshot.interfaces = current->interfaces();
  snapshot.failures = current->failures();
  snapshot.progress = current->counters().progress;
  return snapshot;
}

PipelineCounters CaptureEngine::counters() const {
  const std::shared_ptr<Pipeline> current = pipeline();
  return current ? current->counters() : PipelineCounters{};
}

ConversationCounts CaptureEngine::outer_conversations() const {
  const std::shared_ptr<Pipeline> current = pipeline();
  return current && !runs(*current) ? current->outer_conversations() : ConversationCounts{};
}

ConversationCounts CaptureEngine::inner_conversations() const {
  const std::shared_ptr<Pipeline> current = pipeline();
  return current && !runs(*current) ? current->inner_conversations() : ConversationCounts{};
}

std::uint32_t CaptureEngine::request_snapshot() {
  std::shared_ptr<Pipeline> current;
  std::uint32_t id = 0;
  {
    const std::lock_guard lock(mutex_);
    current = pipeline_;
    id = next_snapshot_id_++;
    if (next_snapshot_id_ == 0) next_snapshot_id_ = 1;
  }
  if (const std::uint32_t answered = current ? current->request_snapshot(id) : 0) return answered;
  const auto answer = std::make_shared<FlowBatch>();
  answer->kind = FlowBatch::Kind::kSnapshot;
  answer->snapshot_id = id;
  answer->last = true;
  hub_->announce(answer);
  return id;
}

}  // namespace wireglass
