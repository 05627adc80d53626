// Workers that have a live input each: scripted ones, and sockets of a fanout group.

#include <gtest/gtest.h>

#include "capture/backends.hpp"
#include "pipeline/live_exchange.hpp"
#include "pipeline/pipeline.hpp"
#include "pipeline/testing/pipeline_fixture.hpp"

namespace wireglass {
namespace {

using testing::arp_count;
using testing::eventually;
using testing::expect_ledger;
using testing::Frame;
using testing::frames;
using testing::KeepingSink;
using testing::PrivateVeth;
using testing::ScriptedBackend;

constexpr auto kRecords = FlowBatch::Kind::kRecords;

using Backends = std::vector<std::unique_ptr<CaptureBackend>>;

/// Packets of every flow come in at every backend.
Backends scripted(std::uint32_t count, std::size_t packets, std::uint16_t flows) {
  const std::vector<Frame> all = frames(packets, flows);
  std::vector<std::vector<Frame>> shares(count);
  for (std::size_t i = 0; i < all.size(); ++i) shares[i / 3 % count].push_back(all[i]);
  Backends backends;
  for (std::vector<Frame>& share : shares)
    backends.push_back(std::make_unique<ScriptedBackend>(std::move(share)));
  return backends;
}

TEST(LiveWorkers, MeterEachFlowOnceWhoeverReceivesItsPackets) {
  for (const std::uint32_t workers : {2U, 4U}) {
    const auto sink = std::make_shared<KeepingSink>();
    Pipeline pipeline({}, scripted(workers, 9'000, 40), sink, std::make_shared<SystemClock>());
    ASSERT_TRUE(pipeline.start().ok());
    ASSERT_TRUE(eventually([&] { return pipeline.counters().captured_packets == 9'000; }));
    expect_ledger(pipeline.counters());
    pipeline.request_stop();
    pipeline.wait();
    const PipelineCounters counters = pipeline.counters();
    expect_ledger(counters);
    EXPECT_EQ(counters.packets_in_ring, 0u);
    EXPECT_EQ(counters.metered_packets + counters.digests_lost, 9'000 - arp_count(9'000));
    EXPECT_EQ(sink->packets(kRecords), counters.metered_packets);
    EXPECT_EQ(counters.flows_created, 40u);
  }
}

TEST(LiveWorkers, AnswerASnapshotTogether) {
  const auto sink = std::make_shared<KeepingSink>();
  Pipeline pipeline({}, scripted(3, 6'000, 300), sink, std::make_shared<SystemClock>());
  ASSERT_TRUE(pipeline.start().ok());
  const std::uint64_t expected = 6'000 - arp_count(6'000);
  ASSERT_TRUE(eventually([&] {
    const PipelineCounters counters = pipeline.counters();
    return counters.metered_packets + counters.digests_lost == expected;
  }));
  const std::uint32_t id = pipeline.request_snapshot(5);
  EXPECT_TRUE(eventually([&] { return sink->closings(id) == 1; }));
  EXPECT_EQ(sink->packets(FlowBatch::Kind::kSnapshot) + sink->packets(kRecords),
            pipeline.counters().metered_packets);
}

TEST(LiveExchange, LosesAndCountsWhatAnOwnerIsTooFarBehindWith) {
  ScriptedBackend first(frames(20'000));
  ScriptedBackend second(frames(1));
  const std::array<CaptureBackend*, 2> backends = {&first, &second};
  LiveExchange exchange(backends);
  std::size_t handed_over = 0;
  while (exchange.lost(0) == 0) {
    DigestParcel* parcel = nullptr;
    ASSERT_EQ(exchange.read(0, parcel, 0), ReadStatus::kPackets);
    for (DigestList& list : parcel->lists) list.clear();
    parcel->lists[1].add(0);
    exchange.publish(0, *parcel);
    ++handed_over;
    while (DigestParcel* own = exchange.take(0)) exchange.give_back(0, *own);
    ASSERT_LE(handed_over, LiveExchange::kParcelsPerWorker);
  }
  EXPECT_EQ(exchange.lost(0), 1u);
  std::size_t taken = 0;
  while (DigestParcel* parcel = exchange.take(1)) {
    taken += parcel->lists[1].size();
    exchange.give_back(1, *parcel);
  }
  EXPECT_EQ(taken, handed_over - 1);
  DigestParcel* parcel = nullptr;
  ASSERT_EQ(exchange.read(0, parcel, 0), ReadStatus::kPackets);
  for (DigestList& list : parcel->lists) list.clear();
  parcel->lists[1].add(0);
  exchange.publish(0, *parcel);
  EXPECT_EQ(exchange.lost(0), 1u);
  exchange.give_back(0, *exchange.take(0));
  exchange.give_back(1, *exchange.take(1));
}

TEST(FanoutGroup, MetersEveryPacketThatWasSentOnce) {
  if (geteuid() != 0) GTEST_SKIP() << "network namespaces need root";
  PrivateVeth veth;
  if (!veth.open()) GTEST_SKIP() << "this machine gives no network namespace with a veth pair";
  LiveOptions options;
  options.interface = "wg1";
  options.buffer_size_mb = 32;
  auto backends = make_live_backends("af_packet", options, 2);
  ASSERT_TRUE(backends.ok());
  ASSERT_EQ(backends.value().size(), 2u);
  const auto sink = std::make_shared<KeepingSink>();
  Pipeline pipeline({}, std::move(backends.value()), sink, std::make_shared<SystemClock>());
  const Result<void> started = pipeline.start();
  ASSERT_TRUE(started.ok()) << started.error().message;
  constexpr std::uint32_t kSent = 10'000;
  for (std::uint32_t i = 0; i < kSent; ++i) {
    ASSERT_TRUE(veth.send(PrivateVeth::udp_frame(i, static_cast<std::uint16_t>(1'000 + i % 200))));
  }
  pipeline.request_stop();
  pipeline.wait();
  const PipelineCounters counters = pipeline.counters();
  expect_ledger(counters);
  EXPECT_EQ(counters.capture.offered, kSent);
  EXPECT_EQ(counters.metered_packets + counters.digests_lost, kSent);
  EXPECT_EQ(counters.digests_lost, 0u);
  EXPECT_EQ(sink->packets(kRecords), counters.metered_packets);
}

}  // namespace
}  // namespace wireglass
