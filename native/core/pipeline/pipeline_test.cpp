#include "pipeline/pipeline.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <numeric>
#include <thread>

#include "capture/file/file_backend.hpp"
#include "capture/test_veth.hpp"
#include "pcapng/pcapng_writer.hpp"
#include "pipeline/worker.hpp"
#include "segment/packet_store.hpp"

namespace wireglass {
namespace {

using testing::Frame;

/// Every frame goes to one of `ports` flows; each eleventh is ARP, which makes none.
std::vector<Frame> frames(std::size_t count, std::uint16_t ports = 10) {
  std::vector<Frame> made;
  for (std::uint32_t i = 0; i < count; ++i) {
    made.push_back(testing::PrivateVeth::udp_frame(i, static_cast<std::uint16_t>(1'000 + i * 7 % ports), 0,
                                                   60 + i % 900));
    if (i % 11 == 10) made.back()[13] = std::byte{0x06};
  }
  return made;
}

std::size_t arp_count(std::size_t frames) { return frames / 11; }

/// A live source whose packets the test decides. Those "in the ring" at a stop are still delivered.
class ScriptedBackend final : public CaptureBackend {
 public:
  explicit ScriptedBackend(std::vector<Frame> frames) : frames_(std::move(frames)) {}

  std::string_view name() const override { return "scripted"; }
  bool is_live() const override { return true; }
  Result<void> open() override {
    if (frames_.empty()) return Error{"interface_not_found", "nothing there"};
    return {};
  }
  ReadStatus read(PacketBatch& batch, int) override {
    if (next_ == frames_.size()) {
      if (draining_) return ReadStatus::kEnd;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return ReadStatus::kTimeout;
    }
    while (next_ < frames_.size() && batch.packets().size() < 100) {
      PacketView view;
      view.data = frames_[next_].data();
      view.captured_length = view.original_length = static_cast<std::uint32_t>(frames_[next_].size());
      view.timestamp_ns = SystemClock().now();
      batch.add(view);
      ++next_;
    }
    delivered.store(next_);
    return ReadStatus::kPackets;
  }
  void begin_drain() override { draining_ = true; }
  std::span<const InterfaceInfo> interfaces() const override { return interfaces_; }
  CaptureCounters counters() override {
    CaptureCounters counters;
    counters.offered = frames_.size() + 5;
    counters.delivered = next_;
    counters.dropped_kernel = 5;
    return counters;
  }
  std::span<const Error> failures() const override { return {}; }

  std::atomic<std::size_t> delivered{0};

 private:
  std::vector<Frame> frames_;
  std::vector<InterfaceInfo> interfaces_ = {{"scripted0", LinkType::kEthernet, 0}};
  std::size_t next_ = 0;
  bool draining_ = false;
};

/// Keeps what a sink is given; can be told to refuse.
class KeepingSink final : public FlowSink {
 public:
  bool offer(const FlowBatchPtr& batch) override {
    if (full.load()) return false;
    const std::lock_guard lock(mutex_);
    batches_.push_back(batch);
    return true;
  }
  std::uint64_t packets(FlowBatch::Kind kind) {
    const std::lock_guard lock(mutex_);
    std::uint64_t sum = 0;
    for (const FlowBatchPtr& batch : batches_) {
      if (batch->kind != kind) continue;
      for (std::size_t row = 0; row < batch->rows(); ++row) {
        for (const std::size_t offset : {FlowColumns::kPacketsOffset, FlowColumns::kRevPacketsOffset}) {
          std::uint64_t value = 0;
          std::memcpy(&value, batch->columns() + offset + row * sizeof(value), sizeof(value));
          sum += value;
        }
      }
    }
    return sum;
  }
  bool answered(std::uint32_t snapshot) {
    const std::lock_guard lock(mutex_);
    return std::any_of(batches_.begin(), batches_.end(), [snapshot](const FlowBatchPtr& batch) {
      return batch->kind == FlowBatch::Kind::kSnapshot && batch->snapshot_id == snapshot && batch->last;
    });
  }

  std::atomic<bool> full{false};

 private:
  std::mutex mutex_;
  std::vector<FlowBatchPtr> batches_;
};

template <class Condition>
bool eventually(Condition condition) {
  for (int i = 0; i < 5'000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

std::uint64_t refused(const PipelineCounters& counters) {
  return std::accumulate(counters.refused.begin(), counters.refused.end(), std::uint64_t{0});
}

void expect_ledger(const PipelineCounters& counters) {
  EXPECT_EQ(counters.capture.offered, counters.metered_packets + refused(counters) + counters.digests_lost +
                                          counters.capture.dropped_kernel +
                                          counters.capture.dropped_interface + counters.packets_in_ring);
  EXPECT_EQ(counters.captured_packets, counters.packets_recorded + counters.packets_lost_to_disk +
                                           counters.packets_not_recorded + counters.packets_buffered);
}

class PipelineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::temp_directory_path() / ("wg-pipeline-" + std::to_string(getpid()));
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string write_pcap(const std::vector<Frame>& packets) const {
    PcapngWriter::Buffer bytes;
    PcapWriter::file_header(bytes, LinkType::kEthernet);
    TimeNs time = kSecondNs;
    for (const Frame& frame : packets) {
      PacketView view;
      view.data = frame.data();
      view.captured_length = view.original_length = static_cast<std::uint32_t>(frame.size());
      view.timestamp_ns = time += kMillisecondNs;
      PcapWriter::packet(bytes, view);
    }
    const std::string path = directory_ / "input.pcap";
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return path;
  }

  SegmentConfig segments() const {
    SegmentConfig config;
    config.directory = directory_ / "packets";
    config.sensor = 7;
    return config;
  }

  std::filesystem::path directory_;
  std::shared_ptr<KeepingSink> sink_ = std::make_shared<KeepingSink>();
  std::shared_ptr<const Clock> clock_ = std::make_shared<SystemClock>();
};

TEST_F(PipelineTest, CarriesAFileToRecordsAndSegments) {
  PipelineConfig config;
  config.segments = segments();
  Pipeline pipeline(config, make_file_backend({write_pcap(frames(3'000))}), sink_, clock_);
  ASSERT_TRUE(pipeline.start().ok());
  pipeline.wait();
  EXPECT_EQ(pipeline.state(), PipelineState::kFinished);
  const PipelineCounters counters = pipeline.counters();
  EXPECT_EQ(counters.captured_packets, 3'000u);
  EXPECT_EQ(refused(counters), arp_count(3'000));
  EXPECT_EQ(counters.packets_recorded, 3'000u);  // what makes no flow is recorded all the same
  EXPECT_EQ(counters.packets_in_ring + counters.packets_buffered, 0u);
  expect_ledger(counters);
  EXPECT_EQ(sink_->packets(FlowBatch::Kind::kRecords), counters.metered_packets);
  EXPECT_EQ(PacketStore(config.segments->directory).totals().value().packets, 3'000u);
}

TEST_F(PipelineTest, DeliversOnAStopWhatHadBeenReceived) {
  auto backend = std::make_unique<ScriptedBackend>(frames(20'000));
  PipelineConfig config;
  config.segments = segments();
  Pipeline pipeline(config, std::move(backend), sink_, clock_);
  ASSERT_TRUE(pipeline.start().ok());
  pipeline.request_stop();
  pipeline.wait();
  const PipelineCounters counters = pipeline.counters();
  EXPECT_EQ(counters.captured_packets, 20'000u);
  EXPECT_EQ(counters.packets_recorded, 20'000u);
  EXPECT_EQ(counters.flows_live, 0u);
  EXPECT_EQ(sink_->packets(FlowBatch::Kind::kRecords), counters.metered_packets);
  expect_ledger(counters);
}

TEST_F(PipelineTest, HoldsBothEquationsInEveryReading) {
  PipelineConfig config;
  config.segments = segments();
  Pipeline pipeline(config, std::make_unique<ScriptedBackend>(frames(50'000)), sink_, clock_);
  ASSERT_TRUE(pipeline.start().ok());
  while (pipeline.counters().captured_packets < 50'000) {
    expect_ledger(pipeline.counters());
    if (HasFailure()) break;
  }
  pipeline.request_stop();
  pipeline.wait();
  expect_ledger(pipeline.counters());
}

TEST_F(PipelineTest, CountsRecordsThatAFullSinkRefusesWhileLive) {
  PipelineConfig config;
  config.meter.idle_timeouts = kMillisecondNs;
  auto made = std::make_unique<ScriptedBackend>(frames(60'000, 60'000));
  sink_->full = true;
  Pipeline pipeline(config, std::move(made), sink_, clock_);
  ASSERT_TRUE(pipeline.start().ok());
  EXPECT_TRUE(eventually([&] { return pipeline.counters().records_dropped > 0; }));
  sink_->full = false;
  pipeline.request_stop();
  pipeline.wait();
  const PipelineCounters counters = pipeline.counters();
  EXPECT_EQ(counters.captured_packets, 60'000u);
  EXPECT_LT(sink_->packets(FlowBatch::Kind::kRecords), counters.metered_packets);
  expect_ledger(counters);
}

TEST_F(PipelineTest, WaitsForAFullSinkWhereNothingCanBeLost) {
  sink_->full = true;
  Pipeline pipeline({}, make_file_backend({write_pcap(frames(5'000, 5'000))}), sink_, clock_);
  ASSERT_TRUE(pipeline.start().ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(pipeline.state(), PipelineState::kRunning);
  sink_->full = false;
  pipeline.wait();
  EXPECT_EQ(pipeline.counters().records_dropped, 0u);
  EXPECT_EQ(sink_->packets(FlowBatch::Kind::kRecords), pipeline.counters().metered_packets);
}

TEST_F(PipelineTest, AnswersASnapshotSoThatNoFlowIsMissing) {
  auto backend = std::make_unique<ScriptedBackend>(frames(10'000, 5'000));
  const ScriptedBackend& source = *backend;
  Pipeline pipeline({}, std::move(backend), sink_, clock_);
  ASSERT_TRUE(pipeline.start().ok());
  ASSERT_TRUE(eventually([&] { return source.delivered.load() == 10'000; }));
  const std::uint32_t id = pipeline.request_snapshot(9);
  EXPECT_TRUE(eventually([&] { return sink_->answered(id); }));
  EXPECT_EQ(sink_->packets(FlowBatch::Kind::kSnapshot) + sink_->packets(FlowBatch::Kind::kRecords),
            10'000 - arp_count(10'000));
  pipeline.request_stop();
  pipeline.wait();
}

TEST_F(PipelineTest, LeavesNothingBehindWhenTheSourceCannotBeOpened) {
  PipelineConfig config;
  config.segments = segments();
  Pipeline pipeline(config, std::make_unique<ScriptedBackend>(std::vector<Frame>{}), sink_, clock_);
  const Result<void> started = pipeline.start();
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().code, "interface_not_found");
  EXPECT_EQ(PacketStore(config.segments->directory).totals().value().segments, 0u);
}

TEST_F(PipelineTest, GivesUpAtOnceWhenDestroyedWhileTheSinkIsFull) {
  sink_->full = true;
  auto pipeline = std::make_unique<Pipeline>(
      PipelineConfig{}, make_file_backend({write_pcap(frames(5'000, 5'000))}), sink_, clock_);
  ASSERT_TRUE(pipeline->start().ok());
  pipeline.reset();
}

/// Packets of every flow at either worker: what each record holds does not depend on who received the
/// packets.
TEST(WorkerPair, HandsDigestsOverToTheOwnerOfAFlow) {
  const std::vector<Frame> all = frames(4'000, 40);
  std::array<std::vector<Frame>, 2> halves;
  for (std::size_t i = 0; i < all.size(); ++i) halves[i / 3 % 2].push_back(all[i]);

  DigestExchange exchange(2);
  const FlowHash hash(1);
  const SystemClock clock;
  std::array<std::shared_ptr<KeepingSink>, 2> sinks = {std::make_shared<KeepingSink>(),
                                                       std::make_shared<KeepingSink>()};
  std::array<std::unique_ptr<ScriptedBackend>, 2> backends;
  std::array<std::unique_ptr<Worker>, 2> workers;
  for (std::uint32_t i = 0; i < 2; ++i) {
    backends[i] = std::make_unique<ScriptedBackend>(halves[i]);
    WorkerConfig config;
    config.index = i;
    config.meter.first_flow_id = 1 + i;
    config.meter.flow_id_stride = 2;
    workers[i] = std::make_unique<Worker>(config, WorkerParts{.backend = *backends[i],
                                                              .exchange = exchange,
                                                              .hash = hash,
                                                              .clock = clock,
                                                              .segments = nullptr,
                                                              .conversations = nullptr,
                                                              .sink = sinks[i]});
  }
  std::thread first([&] { EXPECT_TRUE(workers[0]->run()); });
  std::thread second([&] { EXPECT_TRUE(workers[1]->run()); });
  for (const auto& worker : workers) worker->request_stop();
  first.join();
  second.join();

  std::uint64_t metered = 0;
  std::uint64_t flows = 0;
  std::uint64_t lost = 0;
  for (std::size_t i = 0; i < 2; ++i) {
    const PipelineCounters counters = workers[i]->counters();
    EXPECT_GT(counters.metered_packets, 0u);
    EXPECT_EQ(sinks[i]->packets(FlowBatch::Kind::kRecords), counters.metered_packets);
    metered += counters.metered_packets;
    flows += counters.flows_created;
    lost += counters.digests_lost;
  }
  EXPECT_EQ(metered + lost, all.size() - arp_count(all.size()));
  EXPECT_EQ(flows, 40u);
}

}  // namespace
}  // namespace wireglass
