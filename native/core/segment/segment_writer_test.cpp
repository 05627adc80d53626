#include "segment/segment_writer.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "segment/testing/segment_fixture.hpp"

namespace wireglass {
namespace {

using testing::kSensor;
using testing::kStart;
using testing::TestPacket;

class SegmentWriterTest : public testing::SegmentTest {};

TEST_F(SegmentWriterTest, PacketsComeBackByteForByte) {
  const auto ids = record(500);
  const PacketStore store(config.directory);
  for (std::uint32_t number = 0; number < ids.size(); ++number) {
    const auto packet = store.read(ids[number]);
    ASSERT_TRUE(packet.ok()) << packet.error().message;
    testing::expect_is_packet(packet.value(), number);
    EXPECT_EQ(packet.value().interface, "uplink");
    EXPECT_EQ(packet.value().id.to_string(), ids[number].to_string());
  }
}

TEST_F(SegmentWriterTest, CountersAddUpAtEveryStep) {
  SegmentWriter writer(config);
  ASSERT_TRUE(writer.open(kStart).ok());
  const SegmentCounters& counters = writer.counters();
  append_batch(writer, kStart, 0, 10);
  EXPECT_EQ(counters.packets_buffered.value(), 10u);
  EXPECT_EQ(counters.packets_recorded.value(), 0u);
  writer.tick(kStart + kSecondNs);
  EXPECT_EQ(counters.packets_buffered.value(), 0u);
  EXPECT_EQ(counters.packets_recorded.value(), 10u);
  std::uint64_t bytes = 0;
  for (std::uint32_t number = 0; number < 10; ++number) bytes += TestPacket(number).data.size();
  EXPECT_EQ(counters.bytes_recorded.value(), bytes);
  EXPECT_EQ(counters.segments_completed.value(), 0u);
  ASSERT_TRUE(writer.close(kStart).ok());
  EXPECT_EQ(counters.segments_completed.value(), 1u);
  EXPECT_EQ(counters.packets_lost_to_disk.value(), 0u);
  EXPECT_EQ(writer.trouble(), "");
}

TEST_F(SegmentWriterTest, RotatesBySizeBetweenBatchesOnly) {
  config.max_segment_bytes = 10'000;
  SegmentWriter writer(config);
  ASSERT_TRUE(writer.open(kStart).ok());
  EXPECT_EQ(append_batch(writer, kStart, 0, 1000), 1u);
  EXPECT_EQ(writer.counters().segments_completed.value(), 0u);
  EXPECT_EQ(append_batch(writer, kStart, 1000, 1), 2u);
  EXPECT_EQ(writer.counters().segments_completed.value(), 1u);
  EXPECT_TRUE(std::filesystem::exists(files().complete(1)));
  EXPECT_TRUE(std::filesystem::exists(files().index(1)));
  EXPECT_FALSE(std::filesystem::exists(files().open(1)));
  EXPECT_TRUE(std::filesystem::exists(files().open(2)));
  EXPECT_EQ(append_batch(writer, kStart, 1001, 1), 2u);
}

TEST_F(SegmentWriterTest, RotatesByAgeFromTheFirstPacketOn) {
  config.max_segment_age_ns = 60 * kSecondNs;
  SegmentWriter writer(config);
  ASSERT_TRUE(writer.open(kStart).ok());
  EXPECT_EQ(append_batch(writer, kStart + 100 * kSecondNs, 0, 5), 1u);
  EXPECT_EQ(append_batch(writer, kStart + 159 * kSecondNs, 5, 5), 1u);
  EXPECT_EQ(append_batch(writer, kStart + 160 * kSecondNs, 10, 5), 2u);
  writer.tick(kStart + 219 * kSecondNs);
  EXPECT_EQ(writer.counters().segments_completed.value(), 1u);
  writer.tick(kStart + 220 * kSecondNs);
  EXPECT_EQ(writer.counters().segments_completed.value(), 2u);
  EXPECT_EQ(append_batch(writer, kStart + 221 * kSecondNs, 15, 5), 3u);
}

TEST_F(SegmentWriterTest, AnAgeWithoutPacketsMakesNoSegment) {
  SegmentWriter writer(config);
  ASSERT_TRUE(writer.open(kStart).ok());
  for (int minute = 0; minute < 10; ++minute) writer.tick(kStart + minute * 60 * kSecondNs);
  EXPECT_EQ(writer.counters().segments_completed.value(), 0u);
  ASSERT_TRUE(writer.close(kStart + 600 * kSecondNs).ok());
  EXPECT_TRUE(std::filesystem::is_empty(config.directory));
}

TEST_F(SegmentWriterTest, AClockSetBackDoesNotStopRotation) {
  SegmentWriter writer(config);
  ASSERT_TRUE(writer.open(kStart).ok());
  append_batch(writer, kStart, 0, 5);
  writer.tick(kStart - 3600 * kSecondNs);
  EXPECT_EQ(writer.counters().packets_recorded.value(), 5u);
  EXPECT_EQ(writer.counters().segments_completed.value(), 1u);
}

TEST_F(SegmentWriterTest, NumbersGoOnAfterARestart) {
  record(10);
  record(10);
  SegmentWriter writer(config);
  ASSERT_TRUE(writer.open(kStart).ok());
  EXPECT_EQ(writer.begin_batch(kStart), 3u);
}

TEST_F(SegmentWriterTest, NumbersOfEvictedSegmentsAreNotUsedAgain) {
  config.max_total_bytes = 1;
  record(10);
  ASSERT_FALSE(std::filesystem::exists(files().complete(1)));
  SegmentWriter writer(config);
  ASSERT_TRUE(writer.open(kStart).ok());
  EXPECT_EQ(writer.begin_batch(kStart), 2u);
}

TEST_F(SegmentWriterTest, AnInterfaceIsDescribedInEverySegmentWherePacketsOfItLie) {
  config.max_segment_bytes = 1;
  std::vector<InterfaceInfo> interfaces = testing::test_interfaces();
  SegmentWriter writer(config);
  ASSERT_TRUE(writer.open(kStart).ok());
  for (std::uint32_t number = 0; number < 4; ++number) {
    TestPacket packet(number);
    packet.view.interface_id = number % 2;
    packet.view.link_type = number % 2 == 0 ? LinkType::kEthernet : LinkType::kRaw;
    EXPECT_EQ(writer.begin_batch(kStart), number + 1);
    writer.append(packet.view, interfaces);
  }
  ASSERT_TRUE(writer.close(kStart).ok());
  const PacketStore store(config.directory);
  for (std::uint32_t number = 0; number < 4; ++number) {
    const auto packet = store.read({kSensor, number + 1, 0});
    ASSERT_TRUE(packet.ok()) << packet.error().message;
    EXPECT_EQ(packet.value().interface, number % 2 == 0 ? "uplink" : "tunnel");
    EXPECT_EQ(packet.value().link_type, number % 2 == 0 ? LinkType::kEthernet : LinkType::kRaw);
  }
}

TEST_F(SegmentWriterTest, TheLinkTypeIsThePackets) {
  SegmentWriter writer(config);
  ASSERT_TRUE(writer.open(kStart).ok());
  writer.begin_batch(kStart);
  const LinkType link_types[] = {LinkType::kEthernet, LinkType::kPpp, LinkType::kEthernet, LinkType::kPpp};
  for (std::uint32_t number = 0; number < 4; ++number) {
    TestPacket packet(number);
    packet.view.link_type = link_types[number];
    writer.append(packet.view, testing::test_interfaces());
  }
  ASSERT_TRUE(writer.close(kStart).ok());
  const PacketStore store(config.directory);
  for (std::uint32_t number = 0; number < 4; ++number) {
    EXPECT_EQ(store.read({kSensor, 1, number}).value().link_type, link_types[number]);
  }
}

TEST_F(SegmentWriterTest, ManyInterfacesKeepTheirNames) {
  std::vector<InterfaceInfo> interfaces;
  interfaces.reserve(3000);
  for (int number = 0; number < 3000; ++number) {
    interfaces.push_back({"port" + std::to_string(number), LinkType::kEthernet, 0});
  }
  SegmentWriter writer(config);
  ASSERT_TRUE(writer.open(kStart).ok());
  writer.begin_batch(kStart);
  for (std::uint32_t number = 0; number < 6000; ++number) {
    TestPacket packet(number);
    packet.view.interface_id = number % 3000;
    writer.append(packet.view, interfaces);
  }
  ASSERT_TRUE(writer.close(kStart).ok());
  const PacketStore store(config.directory);
  for (std::uint32_t number = 0; number < 6000; number += 97) {
    EXPECT_EQ(store.read({kSensor, 1, number}).value().interface, "port" + std::to_string(number % 3000));
  }
}

TEST_F(SegmentWriterTest, PacketsLongerThanAChunkOrTheBufferAreKept) {
  const std::vector<std::uint32_t> lengths = {60, 70'000, 60, 300'000, 1, 3'000'000, 60, 16u << 20, 60};
  SegmentWriter writer(config);
  ASSERT_TRUE(writer.open(kStart).ok());
  writer.begin_batch(kStart);
  for (std::uint32_t number = 0; number < lengths.size(); ++number) {
    writer.append(TestPacket(number, lengths[number]).view, testing::test_interfaces());
  }
  ASSERT_TRUE(writer.close(kStart).ok());
  const PacketStore store(config.directory);
  for (std::uint32_t number = 0; number < lengths.size(); ++number) {
    const auto packet = store.read({kSensor, 1, number});
    ASSERT_TRUE(packet.ok()) << packet.error().message;
    testing::expect_is_packet(packet.value(), number, lengths[number]);
  }
}

TEST_F(SegmentWriterTest, APacketTooLongToReadBackIsCountedAsLost) {
  SegmentWriter writer(config);
  ASSERT_TRUE(writer.open(kStart).ok());
  writer.begin_batch(kStart);
  writer.append(TestPacket(0, (16u << 20) + 1).view, testing::test_interfaces());
  writer.append(TestPacket(1).view, testing::test_interfaces());
  ASSERT_TRUE(writer.close(kStart).ok());
  EXPECT_EQ(writer.counters().packets_lost_to_disk.value(), 1u);
  EXPECT_EQ(writer.counters().packets_recorded.value(), 1u);
  EXPECT_THAT(writer.trouble(), ::testing::HasSubstr("too long"));
}

TEST_F(SegmentWriterTest, ADirectoryHasOneWriter) {
  SegmentWriter first(config);
  ASSERT_TRUE(first.open(kStart).ok());
  append_batch(first, kStart, 0, 3);
  SegmentWriter second(config);
  const auto refused = second.open(kStart);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, "segment_unwritable");
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("another recording"));
  ASSERT_TRUE(first.close(kStart).ok());
  EXPECT_TRUE(second.open(kStart).ok());
}

TEST_F(SegmentWriterTest, RefusesConfigurationsThatCannotWork) {
  for (const auto& spoil : std::vector<void (*)(SegmentConfig&)>{
           [](SegmentConfig& bad) { bad.directory.clear(); },
           [](SegmentConfig& bad) { bad.max_segment_bytes = 0; },
           [](SegmentConfig& bad) { bad.max_segment_bytes = (64ull << 30) + 1; },
           [](SegmentConfig& bad) { bad.max_segment_age_ns = 0; }}) {
    SegmentConfig bad = config;
    spoil(bad);
    const auto opened = SegmentWriter(bad).open(kStart);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code, "bad_argument");
  }
}

TEST_F(SegmentWriterTest, ADirectoryThatCannotBeMadeIsAnError) {
  testing::write_bytes(directory.path() + "/file", {});
  config.directory = directory.path() + "/file/packets";
  const auto opened = SegmentWriter(config).open(kStart);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, "segment_unwritable");
  EXPECT_THAT(opened.error().message, ::testing::HasSubstr("/file"));
}

TEST_F(SegmentWriterTest, FilesAreNotForEverybody) {
  config.directory += "/deeper";
  record(3);
  const auto mode = [](const std::string& path) {
    struct stat status{};
    return stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
  };
  EXPECT_EQ(mode(config.directory) & 07, 0u);
  EXPECT_EQ(mode(files().complete(1)) & 0137, 0u);
  EXPECT_EQ(mode(files().index(1)) & 0137, 0u);
}

TEST_F(SegmentWriterTest, WithoutOpenPacketsAreCountedAsLost) {
  SegmentWriter writer(config);
  EXPECT_EQ(writer.begin_batch(kStart), 0u);
  writer.append(TestPacket(0).view, testing::test_interfaces());
  writer.tick(kStart);
  EXPECT_TRUE(writer.close(kStart).ok());
  EXPECT_EQ(writer.counters().packets_lost_to_disk.value(), 1u);
}

TEST_F(SegmentWriterTest, OtherToolsReadSegments) {
  if (!testing::installed("tshark") || !testing::installed("capinfos")) {
    GTEST_SKIP() << "tshark or capinfos is not installed";
  }
  SegmentWriter writer(config);
  ASSERT_TRUE(writer.open(kStart).ok());
  append_batch(writer, kStart, 0, 2000);
  writer.note_drops(2007, 7);
  ASSERT_TRUE(writer.close(kStart + kSecondNs).ok());
  const std::string summary = testing::run_command("capinfos -M " + files().complete(1) + " 2>&1");
  EXPECT_THAT(summary, ::testing::ContainsRegex("Number of packets: +2000"));
  EXPECT_THAT(summary, ::testing::HasSubstr("Capture application: Wireglass"));
  EXPECT_THAT(summary, ::testing::HasSubstr("Name = uplink"));
  const std::string rows =
      testing::run_command("tshark -n -r " + files().complete(1) +
                           " -T fields -e frame.time_epoch -e frame.cap_len 2>/dev/null | tail -1");
  EXPECT_EQ(rows, "1700000002.001004997\t" + std::to_string(40 + 1999 % 61) + "\n");
}

}  // namespace
}  // namespace wireglass
