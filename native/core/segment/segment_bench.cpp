#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <random>
#include <vector>

#include "base/clock.hpp"
#include "segment/packet_store.hpp"
#include "segment/segment_writer.hpp"

namespace wireglass {
namespace {

/// A directory of its own below WIREGLASS_BENCH_DIR, else the system's for temporary files.
class BenchDirectory {
 public:
  BenchDirectory() {
    const char* chosen = std::getenv("WIREGLASS_BENCH_DIR");  // NOLINT(concurrency-mt-unsafe)
    const std::filesystem::path base = chosen != nullptr ? chosen : std::filesystem::temp_directory_path();
    std::string name = (base / "wireglass-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~BenchDirectory() { std::filesystem::remove_all(path_); }
  BenchDirectory(const BenchDirectory&) = delete;
  BenchDirectory& operator=(const BenchDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

constexpr std::uint32_t kBatch = 256;

/// Packets of one batch, apart in memory as in a ring.
std::vector<PacketView> batch_of(std::vector<std::byte>& memory, std::uint32_t length) {
  memory.resize(std::size_t{kBatch} * length);
  std::vector<PacketView> packets(kBatch);
  for (std::uint32_t number = 0; number < kBatch; ++number) {
    packets[number].data = memory.data() + std::size_t{number} * length;
    packets[number].captured_length = packets[number].original_length = length;
    packets[number].timestamp_ns = 1'700'000'000 * kSecondNs + number;
  }
  return packets;
}

/// Appends batches of packets of one length with rotation and eviction as configured by default, syncs
/// included.
void BM_Append(benchmark::State& state) {
  const BenchDirectory directory;
  const auto length = static_cast<std::uint32_t>(state.range(0));
  std::vector<std::byte> memory;
  const std::vector<PacketView> packets = batch_of(memory, length);
  const std::vector<InterfaceInfo> interfaces = {{"bench", LinkType::kEthernet, 0}};
  SegmentConfig config;
  config.directory = directory.path();
  SegmentWriter writer(config);
  const SystemClock clock;
  if (!writer.open(clock.now()).ok()) return state.SkipWithError("cannot write segments");
  TimeNs longest_ns = 0;
  for ([[maybe_unused]] auto _ : state) {
    const TimeNs before = clock.now();
    writer.begin_batch(before);
    for (const PacketView& packet : packets) writer.append(packet, interfaces);
    longest_ns = std::max(longest_ns, clock.now() - before);
  }
  if (!writer.close(clock.now()).ok()) state.SkipWithError("cannot complete the last segment");
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kBatch);
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * kBatch * length);
  state.counters["longest_batch_ms"] = static_cast<double>(longest_ns) / kMillisecondNs;
  state.counters["segments"] = static_cast<double>(writer.counters().segments_completed.value());
}
BENCHMARK(BM_Append)->Arg(64)->Arg(362)->Arg(1514);

/// Reads packets at random places of a store of several segments.
void BM_ReadById(benchmark::State& state) {
  const BenchDirectory directory;
  std::vector<std::byte> memory;
  const std::vector<PacketView> packets = batch_of(memory, 362);
  const std::vector<InterfaceInfo> interfaces = {{"bench", LinkType::kEthernet, 0}};
  SegmentConfig config;
  config.directory = directory.path();
  SegmentWriter writer(config);
  if (!writer.open(0).ok()) return state.SkipWithError("cannot write segments");
  std::vector<PacketId> ids;
  for (int batch = 0; batch < 2000; ++batch) {
    const std::uint64_t segment = writer.begin_batch(0);
    const std::uint32_t first = !ids.empty() && ids.back().segment == segment ? ids.back().ordinal + 1 : 0;
    for (std::uint32_t number = 0; number < kBatch; ++number) {
      writer.append(packets[number], interfaces);
      ids.push_back({0, segment, first + number});
    }
  }
  if (!writer.close(0).ok()) return state.SkipWithError("cannot complete the last segment");
  const PacketStore store(directory.path());
  std::minstd_rand random(1);
  for ([[maybe_unused]] auto _ : state) {
    const auto packet = store.read(ids[random() % ids.size()]);
    if (!packet.ok()) return state.SkipWithError(packet.error().message.c_str());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(BM_ReadById);

}  // namespace
}  // namespace wireglass
