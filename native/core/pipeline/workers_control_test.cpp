// Stops, full sinks, snapshots and failures while several workers share one input.

#include <gtest/gtest.h>

#include "pipeline/pipeline.hpp"
#include "pipeline/testing/pipeline_fixture.hpp"
#include "traffic/traffic_backend.hpp"

namespace wireglass {
namespace {

using testing::arp_count;
using testing::eventually;
using testing::expect_ledger;
using testing::frames;
using testing::KeepingSink;
using testing::ScriptedBackend;

constexpr auto kRecords = FlowBatch::Kind::kRecords;
constexpr auto kSnapshot = FlowBatch::Kind::kSnapshot;

class WorkersControl : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  PipelineConfig config() const {
    PipelineConfig made;
    made.workers = GetParam();
    return made;
  }
  /// Without an end.
  static std::unique_ptr<CaptureBackend> endless_traffic() {
    TrafficProfile profile;
    profile.kind = TrafficProfile::Kind::kDemo;
    profile.packets = 0;
    return make_traffic_backend(profile, false);
  }

  std::shared_ptr<KeepingSink> sink_ = std::make_shared<KeepingSink>();
  std::shared_ptr<const Clock> clock_ = std::make_shared<SystemClock>();
};

TEST_P(WorkersControl, DeliverOnAStopWhatHadBeenReceived) {
  Pipeline pipeline(config(), std::make_unique<ScriptedBackend>(frames(50'000, 500)), sink_, clock_);
  ASSERT_TRUE(pipeline.start().ok());
  pipeline.request_stop();
  pipeline.wait();
  const PipelineCounters counters = pipeline.counters();
  EXPECT_EQ(pipeline.state(), PipelineState::kFinished);
  EXPECT_EQ(counters.captured_packets, 50'000u);
  EXPECT_EQ(counters.flows_live, 0u);
  EXPECT_EQ(sink_->packets(kRecords), 50'000 - arp_count(50'000));
  expect_ledger(counters);
}

TEST_P(WorkersControl, EndAnEndlessInputOnAStop) {
  Pipeline pipeline(config(), endless_traffic(), sink_, clock_);
  ASSERT_TRUE(pipeline.start().ok());
  ASSERT_TRUE(eventually([&] { return pipeline.counters().captured_packets > 20'000; }));
  pipeline.request_stop();
  pipeline.wait();
  const PipelineCounters counters = pipeline.counters();
  EXPECT_EQ(sink_->packets(kRecords), counters.metered_packets);
  EXPECT_EQ(counters.packets_in_ring, 0u);
  expect_ledger(counters);
}

TEST_P(WorkersControl, WaitForAFullSinkAndLoseNothing) {
  sink_->full = true;
  TrafficProfile profile;
  profile.packets = 100'000;
  profile.flows = 50'000;
  Pipeline pipeline(config(), make_traffic_backend(profile, false), sink_, clock_);
  ASSERT_TRUE(pipeline.start().ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(pipeline.state(), PipelineState::kRunning);
  expect_ledger(pipeline.counters());
  sink_->full = false;
  pipeline.wait();
  EXPECT_EQ(pipeline.counters().records_dropped, 0u);
  EXPECT_EQ(sink_->packets(kRecords), 100'000u);
}

TEST_P(WorkersControl, GiveUpAtOnceWhenDestroyedWhileTheSinkIsFull) {
  sink_->full = true;
  TrafficProfile profile;
  profile.packets = 100'000;
  profile.flows = 50'000;
  auto pipeline = std::make_unique<Pipeline>(config(), make_traffic_backend(profile, false), sink_, clock_);
  ASSERT_TRUE(pipeline->start().ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  pipeline.reset();
}

TEST_P(WorkersControl, AnswerASnapshotTogetherSoThatNoFlowIsMissing) {
  auto backend = std::make_unique<ScriptedBackend>(frames(10'000, 5'000));
  Pipeline pipeline(config(), std::move(backend), sink_, clock_);
  ASSERT_TRUE(pipeline.start().ok());
  const std::uint64_t metered = 10'000 - arp_count(10'000);
  ASSERT_TRUE(eventually([&] { return pipeline.counters().metered_packets == metered; }));
  const std::uint32_t first = pipeline.request_snapshot(9);
  EXPECT_TRUE(eventually([&] { return sink_->answered(first); }));
  EXPECT_EQ(sink_->packets(kSnapshot) + sink_->packets(kRecords), metered);
  EXPECT_EQ(sink_->closings(first), 1u);

  const std::uint32_t second = pipeline.request_snapshot(10);
  const std::uint32_t third = pipeline.request_snapshot(11);
  EXPECT_TRUE(eventually([&] { return sink_->answered(second) && sink_->answered(third); }));
  pipeline.request_stop();
  pipeline.wait();
  EXPECT_EQ(sink_->closings(second), 1u);
  EXPECT_EQ(pipeline.request_snapshot(12), 0u);
}

TEST_P(WorkersControl, AnswerSnapshotsThatComeWhileTheyEnd) {
  Pipeline pipeline(config(), endless_traffic(), sink_, clock_);
  ASSERT_TRUE(pipeline.start().ok());
  std::vector<std::uint32_t> asked;
  for (std::uint32_t id = 1; pipeline.state() != PipelineState::kFinished; ++id) {
    if (id == 20) pipeline.request_stop();
    if (const std::uint32_t given = pipeline.request_snapshot(id)) asked.push_back(given);
    std::this_thread::sleep_for(std::chrono::microseconds(300));
  }
  pipeline.wait();
  EXPECT_GE(asked.size(), 10u);
  for (const std::uint32_t id : asked) EXPECT_EQ(sink_->closings(id), 1u) << id;
}

TEST_P(WorkersControl, EndTogetherWhenTheCaptureFails) {
  auto backend = std::make_unique<ScriptedBackend>(frames(5'000, 100));
  backend->fail_at_end = true;
  Pipeline pipeline(config(), std::move(backend), sink_, clock_);
  ASSERT_TRUE(pipeline.start().ok());
  pipeline.wait();
  EXPECT_EQ(pipeline.state(), PipelineState::kFailed);
  EXPECT_EQ(sink_->packets(kRecords), 5'000 - arp_count(5'000));
}

INSTANTIATE_TEST_SUITE_P(Counts, WorkersControl, ::testing::Values(1, 2, 4));

}  // namespace
}  // namespace wireglass
