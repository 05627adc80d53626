// Meters one capture file with the pipeline, keeps nothing, and says as one line of JSON what came out: the
// sums over the records, so that a figure counts only where they are right. One process per run: its CPU time
// and memory are the meter's.
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <numeric>
#include <string>

#include "bench/meter_options.hpp"
#include "bench/phase_clock.hpp"
#include "capture/file/file_backend.hpp"
#include "pipeline/pipeline.hpp"

namespace {

using namespace wireglass;
using namespace wireglass::bench;

class SummingSink final : public FlowSink {
 public:
  bool offer(const FlowBatchPtr& batch) override {
    records += batch->rows();
    packets += sum(*batch, FlowColumns::kPacketsOffset) + sum(*batch, FlowColumns::kRevPacketsOffset);
    ip_bytes += sum(*batch, FlowColumns::kBytesOffset) + sum(*batch, FlowColumns::kRevBytesOffset);
    return true;
  }

  // Every worker hands over its own batches.
  std::atomic<std::uint64_t> records{0};
  std::atomic<std::uint64_t> packets{0};
  std::atomic<std::uint64_t> ip_bytes{0};

 private:
  static std::uint64_t sum(FlowBatch& batch, std::size_t column) {
    std::uint64_t total = 0;
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      std::uint64_t value = 0;
      std::memcpy(&value, batch.columns() + column + row * sizeof(value), sizeof(value));
      total += value;
    }
    return total;
  }
};

int meter(const MeterOptions& options) {
  const auto sink = std::make_shared<SummingSink>();
  PhaseClock clock(options.warm_up_packets);
  Pipeline pipeline(options.pipeline, time_phases(make_file_backend({options.path}), clock), sink,
                    std::make_shared<const SystemClock>());
  if (const auto started = pipeline.start(); !started.ok()) {
    std::fprintf(stderr, "meter_run: %s\n", started.error().message.c_str());
    return 1;
  }
  pipeline.wait();
  const auto failures = pipeline.failures();
  for (const Error& failure : failures) std::fprintf(stderr, "meter_run: %s\n", failure.message.c_str());
  const PipelineCounters counters = pipeline.counters();
  const std::uint64_t refused =
      std::accumulate(counters.refused.begin(), counters.refused.end(), std::uint64_t{0});
  std::printf(
      "{\"captured_packets\":%lu,\"bytes\":%lu,\"refused_packets\":%lu,\"packets\":%lu,\"ip_bytes\":%lu,"
      "\"flows\":%lu,\"flows_evicted\":%lu,\"records\":%lu,\"packets_recorded\":%lu,\"cache_bytes\":%lu,"
      "\"warm_up_cpu_seconds\":%.4f,\"steady_packets\":%lu,\"steady_cpu_seconds\":%.4f}\n",
      counters.captured_packets, counters.captured_bytes, refused, sink->packets.load(),
      sink->ip_bytes.load(), counters.flows_created, counters.flows_evicted, sink->records.load(),
      counters.packets_recorded, FlowMeter::memory_bytes(options.pipeline.meter), clock.warm_up_cpu_seconds(),
      clock.steady_packets(), clock.steady_cpu_seconds());
  return failures.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto options = parse_meter_options({argv + 1, static_cast<std::size_t>(argc - 1)});
    if (!options.ok()) {
      std::fprintf(stderr, "meter_run: %s\n", options.error().message.c_str());
      return 2;
    }
    return meter(options.value());
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "meter_run: %s\n", failure.what());
    return 1;
  }
}
