// Meters a capture file end to end: read, decode, meter, records into batches, a sink that keeps nothing.
// WIREGLASS_BENCH_FILE names the file; WIREGLASS_BENCH_RECORD, where set, a directory that packets are
// recorded to; WIREGLASS_BENCH_INTERVALS, where set, asks for interval samples. meter_file/N: with N workers.
#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "capture/file/file_backend.hpp"
#include "pipeline/pipeline.hpp"

namespace wireglass {
namespace {

class CountingSink final : public FlowSink {
 public:
  bool offer(const FlowBatchPtr& batch) override {
    rows.fetch_add(batch->rows(), std::memory_order_relaxed);
    return true;
  }
  std::atomic<std::uint64_t> rows{0};
};

PipelineConfig config_of(const char* record_directory, std::int64_t workers) {
  PipelineConfig config;
  config.workers = static_cast<std::uint32_t>(workers);
  if (std::getenv("WIREGLASS_BENCH_INTERVALS") != nullptr) config.meter.intervals = IntervalConfig{};
  if (record_directory == nullptr) return config;
  SegmentConfig segments;
  segments.directory = record_directory;
  config.segments = segments;
  return config;
}

void meter_file(benchmark::State& state) {
  const char* path = std::getenv("WIREGLASS_BENCH_FILE");
  if (path == nullptr) {
    state.SkipWithError("WIREGLASS_BENCH_FILE names no capture file");
    return;
  }
  const PipelineConfig config = config_of(std::getenv("WIREGLASS_BENCH_RECORD"), state.range(0));
  std::uint64_t packets = 0;
  std::uint64_t flows = 0;
  std::uint64_t records = 0;
  for (auto iteration : state) {
    const auto sink = std::make_shared<CountingSink>();
    Pipeline pipeline(config, make_file_backend({path}), sink, std::make_shared<const SystemClock>());
    if (!pipeline.start().ok()) {
      state.SkipWithError("WIREGLASS_BENCH_FILE cannot be read");
      return;
    }
    pipeline.wait();
    packets += pipeline.counters().captured_packets;
    flows = pipeline.counters().flows_created;
    records = sink->rows.load();
  }
  // The process's CPU time (system time included), because the work is done in the pipeline's thread.
  state.counters["packets_per_cpu_second"] =
      benchmark::Counter(static_cast<double>(packets), benchmark::Counter::kIsRate);
  state.counters["flows"] = static_cast<double>(flows);
  state.counters["records"] = static_cast<double>(records);
}
BENCHMARK(meter_file)->Arg(1)->Arg(2)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace wireglass
