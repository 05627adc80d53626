// Any bytes as a capture file, all the way to flow records: every packet is metered or refused, and the
// records hold exactly what was metered.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <numeric>
#include <string>

#include "capture/file/file_backend.hpp"
#include "pipeline/counters_reading.hpp"
#include "pipeline/ordered_exchange.hpp"

namespace wireglass {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

/// Sums what the records say, reading the columns as a store does.
class SummingSink final : public FlowSink {
 public:
  bool offer(const FlowBatchPtr& batch) override {
    for (std::size_t row = 0; row < batch->rows(); ++row) {
      packets_ += column(*batch, FlowColumns::kPacketsOffset, row) +
                  column(*batch, FlowColumns::kRevPacketsOffset, row);
      bytes_ +=
          column(*batch, FlowColumns::kBytesOffset, row) + column(*batch, FlowColumns::kRevBytesOffset, row);
    }
    return true;
  }
  std::uint64_t packets() const { return packets_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  static std::uint64_t column(FlowBatch& batch, std::size_t offset, std::size_t row) {
    std::uint64_t value = 0;
    std::memcpy(&value, batch.columns() + offset + row * sizeof(value), sizeof(value));
    return value;
  }

  std::uint64_t packets_ = 0;
  std::uint64_t bytes_ = 0;
};

void meter_file(const std::string& path) {
  const std::unique_ptr<CaptureBackend> backend = make_file_backend({path});
  if (!backend->open().ok()) return;
  OrderedExchange exchange(*backend, 1);
  SnapshotRequests snapshots(1);
  const FlowHash hash(1);
  SharedFragments fragments({}, hash);
  const ManualClock clock;
  ConversationCounter conversations;
  const auto sink = std::make_shared<SummingSink>();
  WorkerConfig config;
  config.meter.max_flows = MeterConfig::kMinFlows;
  std::vector<std::unique_ptr<Worker>> workers;
  workers.push_back(std::make_unique<Worker>(config, WorkerParts{.exchange = exchange,
                                                                 .snapshots = snapshots,
                                                                 .hash = hash,
                                                                 .clock = clock,
                                                                 .fragments = fragments,
                                                                 .conversations = &conversations,
                                                                 .sink = sink}));
  require(workers.front()->run());

  const PipelineCounters counters = read_counters(workers, nullptr, exchange);
  const std::uint64_t refused =
      std::accumulate(counters.refused.begin(), counters.refused.end(), std::uint64_t{0});
  require(counters.captured_packets == counters.metered_packets + refused);
  require(counters.capture.offered == counters.captured_packets && counters.packets_in_ring == 0);
  require(sink->packets() == counters.metered_packets);
  require(sink->bytes() == counters.metered_ip_bytes);
}

}  // namespace
}  // namespace wireglass

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int file = memfd_create("capture", MFD_CLOEXEC);
  if (file < 0 || write(file, data, size) != static_cast<ssize_t>(size)) std::abort();
  wireglass::meter_file("/proc/self/fd/" + std::to_string(file));
  close(file);
  return 0;
}
