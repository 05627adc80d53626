#include "pipeline/pipeline.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "meter/flow_hash.hpp"
#include "pipeline/digest_exchange.hpp"
#include "pipeline/worker.hpp"

namespace wireglass {

struct Pipeline::State {
  PipelineConfig config;
  std::unique_ptr<CaptureBackend> backend;
  std::shared_ptr<FlowSink> sink;
  std::shared_ptr<const Clock> clock;
  FlowHash hash;
  DigestExchange exchange{1};
  std::unique_ptr<SegmentWriter> segments;
  std::unique_ptr<ConversationCounter> conversations;
  std::unique_ptr<Worker> worker;
  std::thread thread;

  std::atomic<PipelineState> state{PipelineState::kIdle};
  std::mutex end_mutex;
  std::condition_variable end_signal;
  bool ended = true;

  void run();
};

void Pipeline::State::run() {
  const bool right = worker->run();
  state.store(right ? PipelineState::kFinished : PipelineState::kFailed, std::memory_order_release);
  {
    const std::lock_guard lock(end_mutex);
    ended = true;
  }
  end_signal.notify_all();
  if (config.on_end) config.on_end();
}

Pipeline::Pipeline(const PipelineConfig& config, std::unique_ptr<CaptureBackend> backend,
                   std::shared_ptr<FlowSink> sink, std::shared_ptr<const Clock> clock)
    : state_(std::make_unique<State>()) {
  state_->config = config;
  state_->config.meter.recording = config.segments ? Recording::kFull : Recording::kNone;
  state_->backend = std::move(backend);
  state_->sink = std::move(sink);
  state_->clock = std::move(clock);
  if (config.segments) state_->segments = std::make_unique<SegmentWriter>(*config.segments);
  if (config.count_conversations) state_->conversations = std::make_unique<ConversationCounter>();
}

Pipeline::~Pipeline() {
  if (!state_->thread.joinable()) return;
  state_->worker->abandon();
  state_->thread.join();
}

Result<void> Pipeline::start() {
  State& state = *state_;
  if (state.worker) return Error{"capture_running", "This pipeline was started before."};
  const TimeNs now = state.clock->now();
  if (state.segments) {
    Result<void> opened = state.segments->open(now);
    if (!opened.ok()) return opened;
  }
  Result<void> opened = state.backend->open();
  if (!opened.ok()) {
    // The backend's error tells the user more than a failure to remove the empty segment could.
    if (state.segments) static_cast<void>(state.segments->close(now));
    return opened;
  }
  const WorkerConfig config{.index = 0,
                            .decoder = state.config.decoder,
                            .meter = state.config.meter,
                            .batch_age_ns = state.config.batch_age_ns};
  state.worker = std::make_unique<Worker>(config, WorkerParts{.backend = *state.backend,
                                                              .exchange = state.exchange,
                                                              .hash = state.hash,
                                                              .clock = *state.clock,
                                                              .segments = state.segments.get(),
                                                              .conversations = state.conversations.get(),
                                                              .sink = state.sink});
  state.ended = false;
  state.state.store(PipelineState::kRunning, std::memory_order_release);
  state.thread = std::thread([&state] { state.run(); });
  return {};
}

void Pipeline::request_stop() {
  if (!state_->worker) return;
  PipelineState running = PipelineState::kRunning;
  state_->state.compare_exchange_strong(running, PipelineState::kDraining);
  state_->worker->request_stop();
}

void Pipeline::wait() {
  std::unique_lock lock(state_->end_mutex);
  state_->end_signal.wait(lock, [this] { return state_->ended; });
}

PipelineState Pipeline::state() const { return state_->state.load(std::memory_order_acquire); }

std::string_view Pipeline::backend_name() const { return state_->backend->name(); }

std::vector<Error> Pipeline::failures() const {
  return state_->worker ? state_->worker->failures() : std::vector<Error>();
}

std::vector<InterfaceInfo> Pipeline::interfaces() const {
  return state_->worker ? state_->worker->interfaces() : std::vector<InterfaceInfo>();
}

PipelineCounters Pipeline::counters() const {
  return state_->worker ? state_->worker->counters() : PipelineCounters{};
}

ConversationCounts Pipeline::outer_conversations() const {
  return state_->conversations ? state_->conversations->outer() : ConversationCounts{};
}

ConversationCounts Pipeline::inner_conversations() const {
  return state_->conversations ? state_->conversations->inner() : ConversationCounts{};
}

std::uint32_t Pipeline::request_snapshot(std::uint32_t id) {
  return state_->worker ? state_->worker->snapshots().request(id) : 0;
}

}  // namespace wireglass
