// What reading costs per packet: a file of a million packets of 76 bytes (92 with their record header, as a
// flow meter's input has on average when payload is cut), from the page cache. Each packet's bytes are looked
// at once, as a decoder would.

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "pcapng/capture_bytes.hpp"
#include "pcapng/capture_file_reader.hpp"

namespace wireglass {
namespace {

namespace fs = std::filesystem;
using Status = CaptureFileReader::Status;

constexpr std::uint32_t kPackets = 1'000'000;
constexpr std::size_t kBatchPackets = 256;

/// A file that lives as long as the process.
class BenchFile {
 public:
  BenchFile(const std::string& suffix, const CaptureBytes& contents)
      : path_(
            (fs::temp_directory_path() / ("wireglass-bench-" + std::to_string(getpid()) + suffix)).string()) {
    std::ofstream(path_, std::ios::binary)
        .write(reinterpret_cast<const char*>(contents.bytes().data()),
               static_cast<std::streamsize>(contents.size()));
  }
  ~BenchFile() { std::remove(path_.c_str()); }
  BenchFile(const BenchFile&) = delete;
  BenchFile& operator=(const BenchFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

const std::string kData(76, 'x');

const std::string& pcap_path(bool swapped) {
  const auto contents = [](bool in_other_order) {
    CaptureBytes file(in_other_order);
    file.pcap_header(0xa1b2c3d4, 1);
    for (std::uint32_t i = 0; i < kPackets; ++i) file.pcap_record(i / 1000, i % 1000, kData, 1500);
    return file;
  };
  static const BenchFile native(".pcap", contents(false));
  static const BenchFile other(".swapped.pcap", contents(true));
  return swapped ? other.path() : native.path();
}

const std::string& pcapng_path() {
  static const BenchFile file(".pcapng", [] {
    CaptureBytes contents;
    contents.section().interface(1);
    for (std::uint32_t i = 0; i < kPackets; ++i) contents.enhanced(0, i, kData, 1500);
    return contents;
  }());
  return file.path();
}

std::uint64_t look_at(const PacketView& packet) {
  std::uint64_t first = 0;
  std::memcpy(&first, packet.data, sizeof(first));
  return first + packet.original_length + static_cast<std::uint64_t>(packet.timestamp_ns);
}

template <class Read>
void read_file(benchmark::State& state, const std::string& path, std::size_t window_bytes, const Read& read) {
  for (auto _ : state) {
    CaptureFileReader reader(std::move(open_byte_source(path).value()), path, window_bytes);
    if (!reader.open().ok()) state.SkipWithError("cannot be opened");
    std::uint64_t packets = 0;
    std::uint64_t sum = 0;
    Status status = Status::kPacket;
    while (status == Status::kPacket || status == Status::kNeedsRefill) {
      status = read(reader, packets, sum);
      if (status == Status::kNeedsRefill && !reader.refill().ok()) state.SkipWithError("cannot be read");
    }
    benchmark::DoNotOptimize(sum);
    if (packets != kPackets) state.SkipWithError("packets are missing");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kPackets);
}

Status read_batch(CaptureFileReader& reader, std::uint64_t& packets, std::uint64_t& sum) {
  std::array<PacketView, kBatchPackets> views;
  std::size_t count = 0;
  const Status status = reader.next_batch(views, count);
  for (std::size_t i = 0; i < count; ++i) sum += look_at(views[i]);
  packets += count;
  return status;
}

Status read_one(CaptureFileReader& reader, std::uint64_t& packets, std::uint64_t& sum) {
  PacketView view;
  const Status status = reader.next(view);
  if (status == Status::kPacket) {
    sum += look_at(view);
    ++packets;
  }
  return status;
}

void BM_PcapByBatch(benchmark::State& state) {
  read_file(state, pcap_path(false), static_cast<std::size_t>(state.range(0)) << 10, read_batch);
}
BENCHMARK(BM_PcapByBatch)->ArgName("window_kib")->Arg(64)->Arg(256)->Arg(1024)->Arg(4096);

void BM_PcapOneByOne(benchmark::State& state) {
  read_file(state, pcap_path(false), CaptureFileReader::kWindowBytes, read_one);
}
BENCHMARK(BM_PcapOneByOne);

void BM_SwappedPcapByBatch(benchmark::State& state) {
  read_file(state, pcap_path(true), CaptureFileReader::kWindowBytes, read_batch);
}
BENCHMARK(BM_SwappedPcapByBatch);

void BM_PcapngByBatch(benchmark::State& state) {
  read_file(state, pcapng_path(), CaptureFileReader::kWindowBytes, read_batch);
}
BENCHMARK(BM_PcapngByBatch);

}  // namespace
}  // namespace wireglass
