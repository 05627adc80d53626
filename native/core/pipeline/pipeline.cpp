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
  PipelineCounters counters;
  if (!state_->worker) return counters;
  const Worker& worker = *state_->worker;
  const CaptureReport report = worker.capture_report();
  counters.capture = report.counters;
  counters.progress = report.progress;
  counters.disk_trouble = report.disk_trouble;
  counters.captured_packets = worker.captured_packets();
  counters.captured_bytes = worker.captured_bytes();
  const MeterCounters& meter = worker.meter_counters();
  counters.metered_packets = meter.packets.value();
  counters.metered_ip_bytes = meter.bytes.value();
  counters.refused = worker.refusals().by_status();
  counters.refused_link_types = worker.refusals().by_link_type();
  counters.digests_lost = state_->exchange.lost(0);
  counters.flows_created = meter.flows_created.value();
  counters.flows_live = meter.flows_live.value();
  counters.flows_evicted = meter.flows_evicted.value();
  counters.records = meter.records.value();
  counters.records_dropped = worker.records_dropped();
  if (state_->segments) {
    const SegmentCounters& segments = state_->segments->counters();
    counters.packets_recorded = segments.packets_recorded.value();
    counters.bytes_recorded = segments.bytes_recorded.value();
    counters.packets_lost_to_disk = segments.packets_lost_to_disk.value();
    counters.segments_completed = segments.segments_completed.value();
    counters.segments_evicted = segments.segments_evicted.value();
  } else {
    counters.packets_not_recorded = counters.captured_packets;
  }
  return counters;
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
