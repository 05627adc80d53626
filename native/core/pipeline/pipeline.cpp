#include "pipeline/pipeline.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "meter/flow_hash.hpp"
#include "pipeline/counters_reading.hpp"
#include "pipeline/interval_outlet.hpp"
#include "pipeline/live_exchange.hpp"
#include "pipeline/ordered_exchange.hpp"
#include "pipeline/recorder.hpp"
#include "pipeline/worker.hpp"

namespace wireglass {

struct Pipeline::State {
  PipelineConfig config;
  std::vector<std::unique_ptr<CaptureBackend>> backends;  // one, or one for each worker
  std::shared_ptr<FlowSink> sink;
  std::shared_ptr<const Clock> clock;
  FlowHash hash;
  std::vector<std::unique_ptr<SharedFragments>> fragments;  // by backend
  std::unique_ptr<SnapshotRequests> snapshots;
  std::unique_ptr<Recorder> recorder;
  std::vector<std::unique_ptr<ConversationCounter>> conversations;  // by worker; the first one gets them all
  std::unique_ptr<DigestExchange> exchange;
  std::unique_ptr<IntervalOutlet> intervals;
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<std::thread> threads;

  std::atomic<PipelineState> state{PipelineState::kIdle};
  std::atomic<std::uint32_t> running{0};
  std::atomic<bool> failed{false};
  std::mutex end_mutex;
  std::condition_variable end_signal;
  bool ended = true;

  Result<void> open_backends();
  void make_exchange();
  void make_workers();
  void start_threads();
  void run(Worker& worker);
  void end();
  void join();
};

Result<void> Pipeline::State::open_backends() {
  for (const auto& backend : backends) {
    if (Result<void> opened = backend->open(); !opened.ok()) return opened;
  }
  for (const auto& backend : backends) {
    if (Result<void> begun = backend->begin_intake(); !begun.ok()) return begun;
  }
  return {};
}

void Pipeline::State::make_exchange() {
  const std::uint32_t digests_per_packet = config.outer_flows ? 2 : 1;
  if (backends.size() == 1) {
    exchange = std::make_unique<OrderedExchange>(*backends.front(), config.workers, digests_per_packet);
    return;
  }
  std::vector<CaptureBackend*> inputs;
  inputs.reserve(backends.size());
  for (const auto& backend : backends) inputs.push_back(backend.get());
  exchange = std::make_unique<LiveExchange>(inputs, digests_per_packet);
  // Workers see each other's packets late by what the kernel keeps in a block and a batch waits: a flow must
  // not be over for that.
  for (TimeNs* idle_ns : {&config.meter.idle_timeouts.tcp_ns, &config.meter.idle_timeouts.udp_ns,
                          &config.meter.idle_timeouts.icmp_ns, &config.meter.idle_timeouts.other_ns}) {
    *idle_ns = std::max(*idle_ns, PipelineConfig::kMinIdleOfQueuesNs);
  }
}

void Pipeline::State::make_workers() {
  const std::uint32_t count = config.workers;
  for (std::size_t index = 0; index < backends.size(); ++index) {
    fragments.push_back(std::make_unique<SharedFragments>(config.fragments, hash));
  }
  snapshots = std::make_unique<SnapshotRequests>(count);
  if (config.meter.intervals)
    intervals = std::make_unique<IntervalOutlet>(*config.meter.intervals, count, sink);
  for (std::uint32_t index = 0; index < count; ++index) {
    if (config.count_conversations) conversations.push_back(std::make_unique<ConversationCounter>());
    WorkerConfig own{.index = index,
                     .digester = {.decoder = config.decoder,
                                  .sampling = config.sampling,
                                  .outer_flows = config.outer_flows},
                     .meter = config.meter,
                     .batch_age_ns = config.batch_age_ns};
    own.meter.first_flow_id = config.meter.first_flow_id + index * config.meter.flow_id_stride;
    own.meter.flow_id_stride = config.meter.flow_id_stride * count;
    own.meter.max_flows = (config.meter.max_flows + count - 1) / count;
    workers.push_back(std::make_unique<Worker>(
        own, WorkerParts{.exchange = *exchange,
                         .snapshots = *snapshots,
                         .hash = hash,
                         .clock = *clock,
                         .fragments = *fragments[backends.size() == 1 ? 0 : index],
                         .recorder = recorder.get(),
                         .conversations = config.count_conversations ? conversations[index].get() : nullptr,
                         .intervals = intervals.get(),
                         .sink = sink}));
  }
}

void Pipeline::State::start_threads() {
  ended = false;
  running.store(static_cast<std::uint32_t>(workers.size()));
  state.store(PipelineState::kRunning, std::memory_order_release);
  for (const auto& worker : workers) threads.emplace_back([this, &worker] { run(*worker); });
}

void Pipeline::State::run(Worker& worker) {
  if (!worker.run()) failed.store(true);
  if (running.fetch_sub(1) == 1) end();
}

void Pipeline::State::end() {
  for (std::size_t index = 1; index < conversations.size(); ++index) {
    conversations.front()->add(*conversations[index]);
    conversations[index].reset();
  }
  if (recorder) {
    recorder->note_losses(exchange->reading().capture);  // which the last segment's statistics tell
    // A failure to complete the segment shows as disk_trouble.
    static_cast<void>(recorder->close());
  }
  state.store(failed.load() ? PipelineState::kFailed : PipelineState::kFinished, std::memory_order_release);
  {
    const std::lock_guard lock(end_mutex);
    ended = true;
  }
  end_signal.notify_all();
  if (config.on_end) config.on_end();
}

void Pipeline::State::join() {
  for (const auto& worker : workers) worker->abandon();
  for (std::thread& thread : threads) thread.join();
  threads.clear();
}

namespace {

std::vector<std::unique_ptr<CaptureBackend>> only(std::unique_ptr<CaptureBackend> backend) {
  std::vector<std::unique_ptr<CaptureBackend>> backends;
  backends.push_back(std::move(backend));
  return backends;
}

}  // namespace

Pipeline::Pipeline(const PipelineConfig& config, std::unique_ptr<CaptureBackend> backend,
                   std::shared_ptr<FlowSink> sink, std::shared_ptr<const Clock> clock)
    : Pipeline(config, only(std::move(backend)), std::move(sink), std::move(clock)) {}

Pipeline::Pipeline(const PipelineConfig& config, std::vector<std::unique_ptr<CaptureBackend>> backends,
                   std::shared_ptr<FlowSink> sink, std::shared_ptr<const Clock> clock)
    : state_(std::make_unique<State>()) {
  state_->config = config;
  state_->config.workers = backends.size() > 1 ? static_cast<std::uint32_t>(backends.size())
                                               : std::clamp(config.workers, 1U, PipelineConfig::kMaxWorkers);
  state_->config.meter.recording = config.segments ? Recording::kFull : Recording::kNone;
  state_->config.meter.sampling_rate =
      config.sampling.mode == SamplingMode::kNone ? 1 : std::max(config.sampling.rate, 1U);
  if (config.hash_seed) state_->hash = FlowHash(*config.hash_seed);
  state_->backends = std::move(backends);
  state_->sink = std::move(sink);
  state_->clock = std::move(clock);
  if (config.segments) state_->recorder = std::make_unique<Recorder>(*config.segments, state_->clock);
}

Pipeline::~Pipeline() { state_->join(); }

Result<void> Pipeline::start() {
  State& state = *state_;
  if (state.exchange) return Error{"capture_running", "This pipeline was started before."};
  if (state.recorder) {
    Result<void> opened = state.recorder->open();
    if (!opened.ok()) return opened;
  }
  Result<void> opened = state.open_backends();
  if (!opened.ok()) {
    // The backend's error tells the user more than a failure to remove the empty segment could.
    if (state.recorder) static_cast<void>(state.recorder->close());
    return opened;
  }
  state.make_exchange();
  state.make_workers();
  state.start_threads();
  return {};
}

void Pipeline::request_stop() {
  if (!state_->exchange) return;
  PipelineState running = PipelineState::kRunning;
  state_->state.compare_exchange_strong(running, PipelineState::kDraining);
  state_->exchange->request_drain();
  for (const auto& worker : state_->workers) worker->expect_end();
}

void Pipeline::wait() {
  std::unique_lock lock(state_->end_mutex);
  state_->end_signal.wait(lock, [this] { return state_->ended; });
}

PipelineState Pipeline::state() const { return state_->state.load(std::memory_order_acquire); }

std::string_view Pipeline::backend_name() const { return state_->backends.front()->name(); }

std::vector<Error> Pipeline::failures() const {
  return state_->exchange ? state_->exchange->reading().failures : std::vector<Error>();
}

std::vector<InterfaceInfo> Pipeline::interfaces() const {
  return state_->exchange ? state_->exchange->reading().interfaces : std::vector<InterfaceInfo>();
}

PipelineCounters Pipeline::counters() const {
  const State& state = *state_;
  if (!state.exchange) return {};
  PipelineCounters counters = read_counters(state.workers, state.recorder.get(), *state.exchange);
  for (const auto& fragments : state.fragments) add_fragments(*fragments, counters);
  if (state.intervals) counters.interval_reports_dropped = state.intervals->reports_dropped();
  return counters;
}

ConversationCounts Pipeline::outer_conversations() const {
  return state_->conversations.empty() ? ConversationCounts{} : state_->conversations.front()->outer();
}

ConversationCounts Pipeline::inner_conversations() const {
  return state_->conversations.empty() ? ConversationCounts{} : state_->conversations.front()->inner();
}

std::uint32_t Pipeline::request_snapshot(std::uint32_t id) {
  return state_->snapshots ? state_->snapshots->request(id) : 0;
}

}  // namespace wireglass
