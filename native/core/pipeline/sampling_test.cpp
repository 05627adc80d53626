#include <gtest/gtest.h>

#include "pipeline/pipeline.hpp"
#include "pipeline/testing/pipeline_fixture.hpp"
#include "pipeline/testing/record_rows.hpp"
#include "traffic/traffic_backend.hpp"

namespace wireglass {
namespace {

using testing::expect_ledger;
using testing::RowKeepingSink;

constexpr std::uint64_t kPackets = 40'000;

struct Outcome {
  std::vector<std::string> rows;
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
  PipelineCounters counters;
};

Outcome run(PipelineConfig config, std::uint32_t workers,
            TrafficProfile::Kind kind = TrafficProfile::Kind::kOrdinary) {
  TrafficProfile profile;
  profile.kind = kind;
  profile.packets = kPackets;
  profile.flows = 4'000;
  profile.zipf = 0.5;
  config.workers = workers;
  config.hash_seed = 7;
  const auto sink = std::make_shared<RowKeepingSink>();
  Pipeline pipeline(config, make_traffic_backend(profile, false), sink, std::make_shared<SystemClock>());
  EXPECT_TRUE(pipeline.start().ok());
  pipeline.wait();
  const PipelineCounters counters = pipeline.counters();
  expect_ledger(counters);
  EXPECT_EQ(counters.packets_in_ring, 0u);
  return {sink->sorted_rows(), sink->packets(), sink->bytes(), counters};
}

PipelineConfig sampling(SamplingMode mode, std::uint32_t rate) {
  PipelineConfig config;
  config.sampling = {mode, rate};
  return config;
}

TEST(Sampling, TakesEveryNthPacketAndCountsTheOthers) {
  const Outcome outcome = run(sampling(SamplingMode::kSystematic, 100), 1);
  EXPECT_EQ(outcome.packets, kPackets / 100);
  EXPECT_EQ(outcome.counters.not_sampled, kPackets - kPackets / 100);
  EXPECT_EQ(outcome.counters.captured_packets, kPackets);
}

TEST(Sampling, TakesAboutOneOfNPacketsAtRandom) {
  const Outcome outcome = run(sampling(SamplingMode::kRandom, 10), 1);
  // The standard deviation is 60.
  EXPECT_NEAR(static_cast<double>(outcome.packets), kPackets / 10.0, 400);
  EXPECT_EQ(outcome.packets + outcome.counters.not_sampled, kPackets);
}

TEST(Sampling, KeepsTheFlowsThatItTakesWhole) {
  const Outcome all = run({}, 1);
  const Outcome outcome = run(sampling(SamplingMode::kFlow, 4), 1);
  EXPECT_NEAR(static_cast<double>(outcome.rows.size()), static_cast<double>(all.rows.size()) / 4,
              static_cast<double>(all.rows.size()) / 16);
  EXPECT_EQ(outcome.packets + outcome.counters.not_sampled, kPackets);
}

TEST(Sampling, OfRateOneTakesEverything) {
  EXPECT_EQ(run(sampling(SamplingMode::kRandom, 1), 1).packets, kPackets);
  EXPECT_EQ(run(sampling(SamplingMode::kSystematic, 0), 1).packets, kPackets);
}

TEST(Sampling, TakesTheSameWithAnyNumberOfWorkers) {
  for (const SamplingMode mode : {SamplingMode::kSystematic, SamplingMode::kRandom, SamplingMode::kFlow}) {
    SCOPED_TRACE(kSamplingModeNames[static_cast<std::size_t>(mode)]);
    const Outcome one = run(sampling(mode, 7), 1);
    for (const std::uint32_t workers : {2U, 4U}) {
      const Outcome several = run(sampling(mode, 7), workers);
      EXPECT_EQ(several.packets, one.packets);
      EXPECT_TRUE(several.rows == one.rows);
    }
  }
}

TEST(OuterFlows, StandBesideTheInnerOnesAndInNoTotal) {
  const Outcome without = run({}, 1, TrafficProfile::Kind::kLispAi);
  PipelineConfig config;
  config.outer_flows = true;
  for (const std::uint32_t workers : {1U, 2U, 4U}) {
    SCOPED_TRACE(workers);
    const Outcome with = run(config, workers, TrafficProfile::Kind::kLispAi);
    EXPECT_EQ(with.counters.metered_packets, without.counters.metered_packets);
    EXPECT_EQ(with.counters.metered_ip_bytes, without.counters.metered_ip_bytes);
    EXPECT_GT(with.counters.outer_packets, kPackets / 2);
    EXPECT_GT(with.counters.outer_bytes, with.counters.outer_packets * 36);
    EXPECT_GT(with.rows.size(), without.rows.size());
    EXPECT_EQ(with.packets, with.counters.metered_packets + with.counters.outer_packets);
    EXPECT_EQ(with.bytes, with.counters.metered_ip_bytes + with.counters.outer_bytes);
    EXPECT_EQ(without.counters.outer_packets, 0u);
  }
}

}  // namespace
}  // namespace wireglass
