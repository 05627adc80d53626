#include "pipeline/pipeline.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "capture/file/file_backend.hpp"
#include "pcapng/pcapng_writer.hpp"
#include "pipeline/testing/pipeline_fixture.hpp"
#include "segment/packet_store.hpp"

namespace wireglass {
namespace {

using testing::arp_count;
using testing::eventually;
using testing::expect_ledger;
using testing::Frame;
using testing::frames;
using testing::KeepingSink;
using testing::refused;
using testing::ScriptedBackend;

class PipelineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::temp_directory_path() / ("wg-pipeline-" + std::to_string(getpid()));
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string write_pcap(const std::vector<Frame>& packets, const std::string& name = "input.pcap") const {
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
    const std::string path = directory_ / name;
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

TEST_F(PipelineTest, NamesTheInterfaceOfEachRecordHoweverManyWorkersThereAre) {
  // the same flows in both files, more in the second: each record names where its first packet was
  const std::string first = write_pcap(frames(20), "first.pcap");
  const std::string second = write_pcap(frames(60), "second.pcap");
  for (const std::uint32_t workers : {1U, 2U}) {
    const auto sink = std::make_shared<KeepingSink>();
    PipelineConfig config;
    config.workers = workers;
    config.meter.idle_timeouts = kMillisecondNs;  // each file's flows are flows of their own
    Pipeline pipeline(config, make_file_backend({first, second}), sink, clock_);
    ASSERT_TRUE(pipeline.start().ok());
    pipeline.wait();
    const auto names = sink->record_interfaces();
    EXPECT_GT(std::count(names.begin(), names.end(), std::pair(0U, std::string("first.pcap"))), 0);
    EXPECT_GT(std::count(names.begin(), names.end(), std::pair(1U, std::string("second.pcap"))), 0);
    EXPECT_EQ(std::count_if(names.begin(), names.end(),
                            [](const auto& name) {
                              return name != std::pair(0U, std::string("first.pcap")) &&
                                     name != std::pair(1U, std::string("second.pcap"));
                            }),
              0);
  }
}

TEST_F(PipelineTest, CountsTunnelsWhoseInsideIsNotFollowedAndMetersThem) {
  Frame esp = frames(1)[0];
  esp[23] = std::byte{50};  // the IPv4 header's protocol
  Pipeline pipeline({}, make_file_backend({write_pcap({esp, esp, frames(1)[0]})}), sink_, clock_);
  ASSERT_TRUE(pipeline.start().ok());
  pipeline.wait();
  const PipelineCounters counters = pipeline.counters();
  EXPECT_EQ(counters.metered_packets, 3u);
  EXPECT_EQ(counters.unfollowed[static_cast<std::size_t>(DecodeStatus::kEncrypted)], 2u);
  EXPECT_EQ(std::accumulate(counters.unfollowed.begin(), counters.unfollowed.end(), std::uint64_t{0}), 2u);
  expect_ledger(counters);
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

}  // namespace
}  // namespace wireglass
