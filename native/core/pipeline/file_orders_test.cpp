// Files whose times overlap and that share their flows, in every order: no packet is lost or counted twice,
// whatever the number of workers and the size of the cache.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <optional>
#include <set>

#include "capture/file/file_backend.hpp"
#include "pcapng/pcapng_writer.hpp"
#include "pipeline/pipeline.hpp"
#include "pipeline/testing/pipeline_fixture.hpp"
#include "pipeline/testing/record_rows.hpp"
#include "traffic/generator.hpp"
#include "traffic/random.hpp"

namespace wireglass {
namespace {

namespace fs = std::filesystem;
using testing::expect_ledger;
using testing::RecordSums;
using testing::RowKeepingSink;

constexpr std::size_t kFiles = 4;
constexpr std::array<std::uint32_t, 3> kWorkers = {1, 2, 4};
/// Holds every flow of the traffic, shared out among four workers or not.
constexpr std::uint32_t kAmpleFlows = 65'536;
constexpr std::array<std::uint32_t, 4> kCacheSizes = {MeterConfig::kMinFlows, 8'192, 16'384, kAmpleFlows};

// A build with sanitizers takes eight times as long.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define WIREGLASS_SANITIZED
#endif
#endif
#if defined(WIREGLASS_SANITIZED) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsSanitized = true;
#else
constexpr bool kIsSanitized = false;
#endif

using Order = std::array<std::size_t, kFiles>;

/// All 24 of ordinary traffic; a sixth of them of tunnelled traffic, which takes longer, and with sanitizers.
std::vector<Order> orders_of(TrafficProfile::Kind kind) {
  Order order;
  std::iota(order.begin(), order.end(), 0);
  std::vector<Order> orders;
  do orders.push_back(order);
  while (std::next_permutation(order.begin(), order.end()));
  if (kind == TrafficProfile::Kind::kOrdinary && !kIsSanitized) return orders;
  return {orders.front(), orders[9], orders[14], orders.back()};
}

TrafficProfile traffic_of(TrafficProfile::Kind kind) {
  TrafficProfile profile;
  profile.kind = kind;
  profile.packets = 42'000;
  profile.flows = 40'000;
  profile.zipf = 0.3;
  profile.ipv6_percent = 20;
  profile.vlan_percent = kind == TrafficProfile::Kind::kOrdinary ? 10 : 0;
  profile.packets_per_second = 5'000;
  return profile;
}

struct Outcome {
  RecordSums sums;
  std::vector<std::string> rows;
  PipelineCounters counters;
};

/// Deals the packets of one generator out to the files, each to any of them.
class FileOrders : public ::testing::TestWithParam<TrafficProfile::Kind> {
 protected:
  void SetUp() override {
    directory_ = fs::temp_directory_path() / ("wg-orders-" + std::to_string(getpid()));
    fs::create_directories(directory_);
    const auto generator = make_generator(traffic_of(GetParam()));
    ASSERT_TRUE(generator.ok());
    std::array<PcapngWriter::Buffer, kFiles> files;
    for (auto& file : files) PcapWriter::file_header(file, LinkType::kEthernet);
    Random random(7);
    for (PacketView packet; generator.value()->next(packet);) {
      PcapWriter::packet(files[random.below(kFiles)], packet);
    }
    ledger_ = generator.value()->ledger();
    for (std::size_t file = 0; file < kFiles; ++file) {
      std::ofstream(path_of(file), std::ios::binary)
          .write(reinterpret_cast<const char*>(files[file].data()),
                 static_cast<std::streamsize>(files[file].size()));
    }
  }
  void TearDown() override { fs::remove_all(directory_); }

  Outcome meter(const Order& order, PipelineConfig config, std::uint32_t workers,
                std::uint32_t max_flows) const {
    config.workers = workers;
    config.meter.max_flows = max_flows;
    std::vector<std::string> paths;
    for (const std::size_t file : order) paths.push_back(path_of(file));
    const auto sink = std::make_shared<RowKeepingSink>();
    Pipeline pipeline(config, make_file_backend(paths), sink, std::make_shared<SystemClock>());
    const Result<void> started = pipeline.start();
    EXPECT_TRUE(started.ok());
    pipeline.wait();
    EXPECT_EQ(pipeline.state(), PipelineState::kFinished);
    Outcome outcome{sink->sums(), {}, pipeline.counters()};
    if (max_flows == kAmpleFlows) outcome.rows = sink->sorted_rows();
    expect_ledger(outcome.counters);
    EXPECT_EQ(outcome.counters.capture.offered, ledger_.packets);
    EXPECT_EQ(outcome.sums.packets, ledger_.packets);
    EXPECT_EQ(outcome.sums.bytes, ledger_.ip_bytes);
    return outcome;
  }

  fs::path path_of(std::size_t file) const { return directory_ / (std::to_string(file) + ".pcap"); }

  fs::path directory_;
  TrafficLedger ledger_;
};

TEST_P(FileOrders, SumUpToTheLedgerWithAnyNumberOfWorkersAndAnyCache) {
  std::optional<RecordSums> first;
  for (const Order& order : orders_of(GetParam())) {
    for (const std::uint32_t workers : kWorkers) {
      for (const std::uint32_t max_flows : kCacheSizes) {
        SCOPED_TRACE(::testing::PrintToString(order) + ", " + std::to_string(workers) + " workers, " +
                     std::to_string(max_flows) + " flows");
        const Outcome outcome = meter(order, {}, workers, max_flows);
        if (!first) first = outcome.sums;
        ASSERT_EQ(outcome.sums.packets, first->packets);
        ASSERT_EQ(outcome.sums.bytes, first->bytes);
        ASSERT_TRUE(outcome.sums == *first) << "a conversation got what another one exchanged";
        if (max_flows == MeterConfig::kMinFlows) {
          ASSERT_GT(outcome.counters.flows_evicted, 0u);
        } else if (max_flows == kAmpleFlows) {
          ASSERT_EQ(outcome.counters.flows_evicted, 0u);
        }
      }
    }
  }
}

TEST_P(FileOrders, MakeTheSameRecordsWithAnyNumberOfWorkersAsLongAsNoneIsEvicted) {
  PipelineConfig config;
  config.meter.active_timeouts = 2 * kSecondNs;
  config.meter.idle_timeouts = kSecondNs;
  std::set<std::vector<std::string>> distinct;
  for (const Order& order : orders_of(GetParam())) {
    SCOPED_TRACE(::testing::PrintToString(order));
    const Outcome one = meter(order, config, 1, kAmpleFlows);
    distinct.insert(one.rows);
    for (const std::uint32_t workers : {2U, 4U}) {
      const Outcome several = meter(order, config, workers, kAmpleFlows);
      ASSERT_EQ(several.counters.flows_evicted, 0u);
      ASSERT_EQ(several.rows.size(), one.rows.size());
      const bool same_rows = several.rows == one.rows;
      ASSERT_TRUE(same_rows) << "the records differ";
    }
  }
  EXPECT_GT(distinct.size(), 1u) << "the order of files made no difference to compare on";
}

INSTANTIATE_TEST_SUITE_P(Traffic, FileOrders,
                         ::testing::Values(TrafficProfile::Kind::kOrdinary, TrafficProfile::Kind::kTunnels),
                         [](const auto& kind) {
                           return kind.param == TrafficProfile::Kind::kOrdinary ? "ordinary" : "tunnels";
                         });

}  // namespace
}  // namespace wireglass
