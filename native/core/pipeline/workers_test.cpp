// What several workers make of one input must be what one makes of it.

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <thread>

#include "base/testing/captures.hpp"
#include "capture/file/file_backend.hpp"
#include "pipeline/pipeline.hpp"
#include "pipeline/testing/pipeline_fixture.hpp"
#include "pipeline/testing/record_rows.hpp"
#include "traffic/traffic_backend.hpp"

namespace wireglass {
namespace {

namespace fs = std::filesystem;
using testing::expect_ledger;
using testing::RowKeepingSink;

struct Outcome {
  std::vector<std::string> rows;
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
  std::size_t flows = 0;
  PipelineCounters counters;
  ConversationCounts outer;
  ConversationCounts inner;
  PipelineState state = PipelineState::kIdle;
};

Outcome run(PipelineConfig config, std::unique_ptr<CaptureBackend> backend, std::uint32_t workers) {
  config.workers = workers;
  const auto sink = std::make_shared<RowKeepingSink>();
  Pipeline pipeline(config, std::move(backend), sink, std::make_shared<SystemClock>());
  const Result<void> started = pipeline.start();
  if (started.ok()) {
    while (pipeline.state() == PipelineState::kRunning) {
      expect_ledger(pipeline.counters());
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    pipeline.wait();
  }
  Outcome outcome{.rows = sink->sorted_rows(),
                  .packets = sink->packets(),
                  .bytes = sink->bytes(),
                  .flows = sink->distinct_flow_ids(),
                  .counters = pipeline.counters(),
                  .outer = pipeline.outer_conversations(),
                  .inner = pipeline.inner_conversations(),
                  .state = pipeline.state()};
  expect_ledger(outcome.counters);
  EXPECT_EQ(outcome.counters.packets_in_ring, 0u);
  EXPECT_EQ(outcome.counters.packets_buffered, 0u);
  EXPECT_EQ(outcome.packets, outcome.counters.metered_packets);
  EXPECT_EQ(outcome.bytes, outcome.counters.metered_ip_bytes);
  EXPECT_EQ(outcome.rows.size(), outcome.counters.records);
  return outcome;
}

void expect_same(const Outcome& one, const Outcome& several) {
  EXPECT_EQ(several.state, one.state);
  ASSERT_EQ(several.rows.size(), one.rows.size());
  const bool same_rows = several.rows == one.rows;
  EXPECT_TRUE(same_rows) << "the records differ";
  EXPECT_EQ(several.flows, one.flows);
  EXPECT_EQ(several.counters.captured_packets, one.counters.captured_packets);
  EXPECT_EQ(several.counters.captured_bytes, one.counters.captured_bytes);
  EXPECT_EQ(several.counters.metered_ip_bytes, one.counters.metered_ip_bytes);
  EXPECT_EQ(several.counters.refused, one.counters.refused);
  EXPECT_EQ(several.counters.flows_created, one.counters.flows_created);
  EXPECT_EQ(several.outer, one.outer);
  EXPECT_EQ(several.inner, one.inner);
}

TrafficProfile profile_of(TrafficProfile::Kind kind, std::uint64_t packets) {
  TrafficProfile profile;
  profile.kind = kind;
  profile.packets = packets;
  profile.flows = 5'000;
  profile.ipv6_percent = 20;
  profile.vlan_percent = 10;
  profile.packets_per_second = 5'000;
  return profile;
}

class Workers : public ::testing::TestWithParam<TrafficProfile::Kind> {};

TEST_P(Workers, MakeTheSameRecordsHoweverManyTheyAre) {
  const TrafficProfile profile = profile_of(GetParam(), 60'000);
  PipelineConfig config;
  config.count_conversations = true;
  config.meter.active_timeouts = 2 * kSecondNs;
  config.meter.idle_timeouts = 500 * kMillisecondNs;
  const Outcome one = run(config, make_traffic_backend(profile, false), 1);
  EXPECT_EQ(one.counters.captured_packets, 60'000u);
  EXPECT_GT(one.rows.size(), 100u);
  for (const std::uint32_t workers : {2U, 3U, 4U}) {
    SCOPED_TRACE(workers);
    expect_same(one, run(config, make_traffic_backend(profile, false), workers));
  }
}

std::string name_of(const ::testing::TestParamInfo<TrafficProfile::Kind>& profile) {
  constexpr std::array<const char*, 3> kNames = {"ordinary", "lisp_ai", "demo"};
  return kNames[static_cast<std::size_t>(profile.param)];
}

INSTANTIATE_TEST_SUITE_P(Profiles, Workers,
                         ::testing::Values(TrafficProfile::Kind::kOrdinary, TrafficProfile::Kind::kLispAi,
                                           TrafficProfile::Kind::kDemo),
                         name_of);

TEST(WorkersAtTheSmallestCache, SumUpToWhatWasCaptured) {
  TrafficProfile profile = profile_of(TrafficProfile::Kind::kOrdinary, 200'000);
  profile.flows = 100'000;
  profile.zipf = 0;
  PipelineConfig config;
  config.meter.max_flows = MeterConfig::kMinFlows;
  const std::uint64_t bytes = run(config, make_traffic_backend(profile, false), 1).bytes;
  for (const std::uint32_t workers : {2U, 4U}) {
    const Outcome outcome = run(config, make_traffic_backend(profile, false), workers);
    EXPECT_EQ(outcome.packets, 200'000u);
    EXPECT_EQ(outcome.bytes, bytes);
    EXPECT_GT(outcome.counters.flows_evicted, 0u);
  }
}

std::vector<fs::path> captures_below(const std::vector<std::string>& folders) {
  std::vector<fs::path> files;
  for (const std::string& folder : folders) {
    const fs::path directory = testing::captures_directory() / folder;
    if (!fs::exists(directory)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

TEST(WorkersOnPublicCaptures, MakeTheSameRecordsHoweverManyTheyAre) {
  const std::vector<fs::path> files = captures_below({"mixed", "tunnels"});
  if (files.empty()) GTEST_SKIP() << "no captures at " << testing::captures_directory();
  PipelineConfig config;
  config.count_conversations = true;
  config.meter.max_flows = 65'536;
  for (const fs::path& file : files) {
    SCOPED_TRACE(file);
    const Outcome one = run(config, make_file_backend({file}), 1);
    for (const std::uint32_t workers : {2U, 4U}) {
      expect_same(one, run(config, make_file_backend({file}), workers));
    }
  }
}

TEST(WorkersOnPublicCaptures, BearTimesThatGoBackBetweenFiles) {
  const std::vector<fs::path> files = captures_below({"mixed", "tunnels/lisp"});
  if (files.empty()) GTEST_SKIP() << "no captures at " << testing::captures_directory();
  const std::vector<std::string> paths(files.rbegin(), files.rend());
  const Outcome one = run({}, make_file_backend(paths), 1);
  for (const std::uint32_t workers : {2U, 4U}) expect_same(one, run({}, make_file_backend(paths), workers));
}

class RecordingWorkers : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = fs::temp_directory_path() / ("wg-workers-" + std::to_string(getpid()));
    fs::create_directories(directory_);
  }
  void TearDown() override { fs::remove_all(directory_); }

  PipelineConfig config(const std::string& name) const {
    PipelineConfig made;
    SegmentConfig segments;
    segments.directory = directory_ / name;
    segments.max_segment_bytes = 1 << 20;
    made.segments = segments;
    return made;
  }

  /// Of the packets in each segment, in order.
  std::map<std::string, std::vector<TimeNs>> packet_times(const std::string& name) const {
    std::map<std::string, std::vector<TimeNs>> times;
    for (const auto& entry : fs::directory_iterator(directory_ / name)) {
      if (entry.path().extension() != ".pcapng") continue;
      const auto backend = make_file_backend({entry.path()});
      EXPECT_TRUE(backend->open().ok());
      for (PacketBatch batch; backend->read(batch, 0) == ReadStatus::kPackets; batch.release()) {
        for (const PacketView& packet : batch.packets())
          times[entry.path().filename()].push_back(packet.timestamp_ns);
      }
    }
    return times;
  }

  fs::path directory_;
};

TEST_F(RecordingWorkers, KeepTheOrderOfPacketsAndTheSegmentsOfFlows) {
  const TrafficProfile profile = profile_of(TrafficProfile::Kind::kDemo, 20'000);
  const Outcome one = run(config("one"), make_traffic_backend(profile, false), 1);
  const Outcome four = run(config("four"), make_traffic_backend(profile, false), 4);
  expect_same(one, four);
  EXPECT_EQ(one.counters.packets_recorded, 20'000u);
  EXPECT_EQ(four.counters.packets_recorded, 20'000u);
  EXPECT_GT(one.counters.segments_completed, 2u);
  EXPECT_EQ(four.counters.segments_completed, one.counters.segments_completed);
  EXPECT_EQ(packet_times("four"), packet_times("one"));
}

}  // namespace
}  // namespace wireglass
