// Interval reports of whole pipelines: with any number of workers they add up to the generator's packets, to
// the ledger and to each other.
#include <gtest/gtest.h>

#include <limits>
#include <map>

#include "capture/file/file_backend.hpp"
#include "pipeline/pipeline.hpp"
#include "pipeline/testing/pipeline_fixture.hpp"
#include "traffic/traffic_backend.hpp"

namespace wireglass {
namespace {

using testing::eventually;
using testing::frames;
using testing::ScriptedBackend;

class ReportSink final : public FlowSink {
 public:
  bool offer(const FlowBatchPtr& /*batch*/) override { return true; }
  bool offer_report(const IntervalReportPtr& report) override {
    if (refusals > 0) {
      --refusals;
      return false;
    }
    const std::lock_guard lock(mutex_);
    reports_.push_back(report);
    return true;
  }
  std::vector<IntervalReportPtr> reports() {
    const std::lock_guard lock(mutex_);
    return reports_;
  }

  std::atomic<std::int64_t> refusals{0};

 private:
  std::mutex mutex_;
  std::vector<IntervalReportPtr> reports_;
};

/// All reports of one interval together.
struct Sum {
  InterfaceCounts counts;
  std::map<std::string, std::uint64_t> top;  ///< dimension and value, bytes
  std::uint64_t error = 0;
};
using Sums = std::map<TimeNs, Sum>;

Sums sums_of(const std::vector<IntervalReportPtr>& reports) {
  Sums sums;
  for (const IntervalReportPtr& report : reports) {
    Sum& sum = sums[report->start_ns];
    for (const InterfaceCounts& counts : report->interfaces) sum.counts.add(counts);
    for (const TopList& list : report->top) {
      for (const TopItem& item : list.items) {
        sum.top[std::string(list.dimension) + " " + item.value + " " + item.peer] += item.bytes;
        sum.error += item.error;
      }
    }
  }
  return sums;
}

TrafficProfile profile() {
  TrafficProfile profile;
  profile.kind = TrafficProfile::Kind::kLispAi;
  profile.packets = 60'000;
  profile.packets_per_second = 20'000;
  return profile;
}

struct Outcome {
  std::vector<IntervalReportPtr> reports;
  PipelineCounters counters;
};

Outcome outcome_of(std::unique_ptr<CaptureBackend> backend, std::uint32_t workers,
                   std::int64_t refusals = 0) {
  PipelineConfig config;
  config.workers = workers;
  config.meter.intervals = IntervalConfig{.top_count = 1'000};
  const auto sink = std::make_shared<ReportSink>();
  sink->refusals = refusals;
  Pipeline pipeline(config, std::move(backend), sink, std::make_shared<SystemClock>());
  EXPECT_TRUE(pipeline.start().ok());
  pipeline.wait();
  return {sink->reports(), pipeline.counters()};
}

void expect_totals(const Sums& sums, const PipelineCounters& counters) {
  InterfaceCounts all;
  for (const auto& [start, sum] : sums) all.add(sum.counts);
  EXPECT_EQ(all.captured, (TrafficCount{counters.captured_packets, counters.captured_bytes}));
  EXPECT_EQ(all.metered, (TrafficCount{counters.metered_packets, counters.metered_ip_bytes}));
  EXPECT_EQ(all.refused, counters.refused);
  EXPECT_EQ(all.flows_started, counters.flows_created);
  EXPECT_EQ(all.flows_ended, counters.flows_created);
}

TEST(PipelineIntervals, AddUpToTheGeneratorsPacketsWithAnyNumberOfWorkers) {
  std::map<TimeNs, TrafficCount> made;
  auto generator = make_generator(profile());
  ASSERT_TRUE(generator.ok());
  PacketView packet;
  while (generator.value()->next(packet)) {
    made[packet.timestamp_ns / kSecondNs * kSecondNs].add(1, packet.original_length);
  }
  ASSERT_GT(made.size(), 2U);

  const Sums one = sums_of(outcome_of(make_traffic_backend(profile(), false), 1).reports);
  for (const std::uint32_t workers : {1U, 2U, 4U}) {
    SCOPED_TRACE(::testing::Message() << workers << " workers");
    const Outcome result = outcome_of(make_traffic_backend(profile(), false), workers);
    const Sums sums = sums_of(result.reports);
    expect_totals(sums, result.counters);
    ASSERT_EQ(sums.size(), made.size());
    for (const auto& [start, expected] : made) {
      const Sum& sum = sums.at(start);
      EXPECT_EQ(sum.counts.captured, expected);
      EXPECT_EQ(sum.counts.metered, one.at(start).counts.metered);
      EXPECT_EQ(sum.counts.protocol, one.at(start).counts.protocol);
      EXPECT_EQ(sum.counts.overlay, one.at(start).counts.overlay);
      EXPECT_EQ(sum.counts.size, one.at(start).counts.size);
      EXPECT_EQ(sum.counts.flows_started, one.at(start).counts.flows_started);
      // As few addresses as these are counted exactly.
      EXPECT_EQ(sum.error, 0U);
      EXPECT_EQ(sum.top, one.at(start).top);
    }
  }
}

TEST(PipelineIntervals, WaitForAFullSinkWhereTheSourceCanWait) {
  const Outcome waited = outcome_of(make_traffic_backend(profile(), false), 2, 50);
  EXPECT_EQ(waited.counters.interval_reports_dropped, 0U);
  expect_totals(sums_of(waited.reports), waited.counters);
}

TEST(PipelineIntervals, AreMadeByALiveCaptureThatIsQuiet) {
  PipelineConfig config;
  config.meter.intervals = IntervalConfig{.interval_ns = 100 * kMillisecondNs, .lateness_ns = 0};
  const auto sink = std::make_shared<ReportSink>();
  Pipeline pipeline(config, std::make_unique<ScriptedBackend>(frames(1'000)), sink,
                    std::make_shared<SystemClock>());
  ASSERT_TRUE(pipeline.start().ok());
  EXPECT_TRUE(eventually([&] { return sink->reports().size() >= 6; }));
  pipeline.request_stop();
  pipeline.wait();
  const std::vector<IntervalReportPtr> reports = sink->reports();
  expect_totals(sums_of(reports), pipeline.counters());
  TimeNs last = 0;
  for (const IntervalReportPtr& report : reports) {
    if (report->is_correction) continue;
    EXPECT_TRUE(last == 0 || report->start_ns == last + report->interval_ns);
    last = report->start_ns;
  }
}

TEST(PipelineIntervals, DoNotKeepAnAbandonedPipelineFromEnding) {
  PipelineConfig config;
  config.meter.intervals = IntervalConfig{.interval_ns = 100 * kMillisecondNs};
  const auto sink = std::make_shared<ReportSink>();
  sink->refusals = std::numeric_limits<std::int64_t>::max();
  auto pipeline = std::make_unique<Pipeline>(config, std::make_unique<ScriptedBackend>(frames(1'000)), sink,
                                             std::make_shared<SystemClock>());
  ASSERT_TRUE(pipeline->start().ok());
  EXPECT_TRUE(eventually([&] { return sink->refusals < std::numeric_limits<std::int64_t>::max() - 3; }));
  EXPECT_EQ(pipeline->counters().interval_reports_dropped, 0U);
  pipeline.reset();  // abandons what the sink does not take
  EXPECT_TRUE(sink->reports().empty());
}

TEST(PipelineIntervals, AreNotMadeUnlessAskedFor) {
  const auto sink = std::make_shared<ReportSink>();
  Pipeline pipeline({}, make_traffic_backend(profile(), false), sink, std::make_shared<SystemClock>());
  ASSERT_TRUE(pipeline.start().ok());
  pipeline.wait();
  EXPECT_TRUE(sink->reports().empty());
}

}  // namespace
}  // namespace wireglass
