#include "traffic/traffic_backend.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstring>

#include "base/clock.hpp"
#include "traffic/testing/frame_checker.hpp"

namespace wireglass {
namespace {

TrafficProfile profile_of(TrafficProfile::Kind kind, std::uint64_t packets) {
  TrafficProfile profile;
  profile.kind = kind;
  profile.packets = packets;
  profile.flows = 100;
  return profile;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

TEST(TrafficBackend, UnpacedHandsOutWhatTheGeneratorMakes) {
  TrafficProfile profile = profile_of(TrafficProfile::Kind::kOrdinary, 5'000);
  profile.sizes = "fixed:65535";
  auto generator = make_generator(profile);
  ASSERT_TRUE(generator.ok());
  const auto backend = make_traffic_backend(profile, false);
  EXPECT_EQ(backend->name(), "traffic");
  EXPECT_FALSE(backend->is_live());
  ASSERT_TRUE(backend->open().ok());
  PacketBatch batch;
  PacketView expected;
  std::uint64_t count = 0;
  while (backend->read(batch, 1'000) == ReadStatus::kPackets) {
    for (const PacketView& packet : batch.packets()) {
      ASSERT_TRUE(generator.value()->next(expected));
      ASSERT_EQ(packet.timestamp_ns, expected.timestamp_ns);
      ASSERT_EQ(packet.captured_length, expected.captured_length);
      ASSERT_EQ(std::memcmp(packet.data, expected.data, packet.captured_length), 0);
      ++count;
    }
    batch.release();
  }
  EXPECT_EQ(count, 5'000U);
  EXPECT_EQ(backend->counters().offered, 5'000U);
  EXPECT_EQ(backend->counters().delivered, 5'000U);
  EXPECT_EQ(backend->progress(), 1);
  ASSERT_EQ(backend->interfaces().size(), 1U);
  EXPECT_EQ(backend->interfaces()[0].link_type, LinkType::kEthernet);
}

TEST(TrafficBackend, KeepsABatchUntilItsRelease) {
  const auto backend = make_traffic_backend(profile_of(TrafficProfile::Kind::kOrdinary, 2'000), false);
  ASSERT_TRUE(backend->open().ok());
  PacketBatch first;
  PacketBatch second;
  ASSERT_EQ(backend->read(first, 0), ReadStatus::kPackets);
  EXPECT_EQ(first.packets().size(), PacketBatch::kCapacity);
  ASSERT_EQ(backend->read(second, 0), ReadStatus::kPackets);
  EXPECT_GT(second.packets().front().timestamp_ns, first.packets().back().timestamp_ns);
  for (const PacketBatch* batch : {&first, &second}) {
    for (const PacketView& packet : batch->packets())
      EXPECT_EQ(testing::FrameChecker::check(packet.bytes()).problem, "");
  }
}

TEST(TrafficBackend, PacedKeepsTheRateAndTheClocksTime) {
  TrafficProfile profile = profile_of(TrafficProfile::Kind::kOrdinary, 300);
  profile.packets_per_second = 1'000;
  const SystemClock clock;
  const auto backend = make_traffic_backend(profile, true);
  EXPECT_TRUE(backend->is_live());
  ASSERT_TRUE(backend->open().ok());
  const auto start = std::chrono::steady_clock::now();
  TimeNs last_ns = clock.now() - kSecondNs;
  std::uint64_t count = 0;
  PacketBatch batch;
  for (ReadStatus status = ReadStatus::kTimeout; status != ReadStatus::kEnd;) {
    status = backend->read(batch, 50);
    for (const PacketView& packet : batch.packets()) {
      EXPECT_GT(packet.timestamp_ns, last_ns);
      EXPECT_LE(packet.timestamp_ns, clock.now());
      last_ns = packet.timestamp_ns;
      ++count;
    }
    batch.release();
  }
  EXPECT_EQ(count, 300U);
  EXPECT_GE(seconds_since(start), 0.29);
  EXPECT_LT(clock.now() - last_ns, kSecondNs);
}

TEST(TrafficBackend, WaitsNoLongerThanAsked) {
  TrafficProfile profile = profile_of(TrafficProfile::Kind::kOrdinary, 100);
  profile.packets_per_second = 1;
  const auto backend = make_traffic_backend(profile, true);
  ASSERT_TRUE(backend->open().ok());
  PacketBatch batch;
  ASSERT_EQ(backend->read(batch, 0), ReadStatus::kPackets);
  EXPECT_EQ(batch.packets().size(), 1U);
  batch.release();
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(backend->read(batch, 30), ReadStatus::kTimeout);
  EXPECT_GE(seconds_since(start), 0.03);
  EXPECT_LT(seconds_since(start), 0.9);
}

TEST(TrafficBackend, DrainDeliversWhatWasDueAndEnds) {
  TrafficProfile profile = profile_of(TrafficProfile::Kind::kDemo, 0);
  profile.packets_per_second = 20'000;
  const auto backend = make_traffic_backend(profile, true);
  ASSERT_TRUE(backend->open().ok());
  PacketBatch batch;
  ASSERT_EQ(backend->read(batch, 100), ReadStatus::kPackets);
  batch.release();
  const timespec pause{0, 50'000'000};
  nanosleep(&pause, nullptr);
  backend->begin_drain();
  // Two clocks are read one after the other, hence the slack.
  const TimeNs drained_at_ns = SystemClock().now() + kMillisecondNs;
  std::uint64_t late = 0;
  ReadStatus status = ReadStatus::kPackets;
  while ((status = backend->read(batch, 100)) == ReadStatus::kPackets) {
    late += batch.packets().size();
    for (const PacketView& packet : batch.packets()) EXPECT_LE(packet.timestamp_ns, drained_at_ns);
    batch.release();
  }
  EXPECT_EQ(status, ReadStatus::kEnd);
  EXPECT_GT(late, 0U);
  EXPECT_EQ(backend->read(batch, 0), ReadStatus::kEnd);
  EXPECT_EQ(backend->progress(), -1);
}

TEST(TrafficBackend, EndlessUnpacedEndsByDrain) {
  const auto backend = make_traffic_backend(profile_of(TrafficProfile::Kind::kDemo, 0), false);
  ASSERT_TRUE(backend->open().ok());
  PacketBatch batch;
  ASSERT_EQ(backend->read(batch, 0), ReadStatus::kPackets);
  batch.release();
  backend->begin_drain();
  EXPECT_EQ(backend->read(batch, 0), ReadStatus::kEnd);
}

TEST(TrafficBackend, RefusesABadProfileAtOpen) {
  TrafficProfile profile = profile_of(TrafficProfile::Kind::kOrdinary, 0);
  const auto backend = make_traffic_backend(profile, false);
  const auto opened = backend->open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, "bad_traffic_profile");
}

}  // namespace
}  // namespace wireglass
