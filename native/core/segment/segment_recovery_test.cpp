#include "segment/segment_recovery.hpp"

#include <gmock/gmock.h>

#include "pcapng/pcapng_format.hpp"
#include "segment/testing/segment_fixture.hpp"

namespace wireglass {
namespace {

using testing::kSensor;
using testing::kStart;
using testing::read_bytes;
using testing::write_bytes;

class SegmentRecoveryTest : public testing::SegmentTest {
 protected:
  /// Bytes of a segment as a crash leaves them: written, not completed.
  std::vector<std::byte> record_without_completing(std::uint32_t packets) const {
    SegmentWriter writer(config);
    EXPECT_TRUE(writer.open(kStart).ok());
    append_batch(writer, kStart, 0, packets);
    writer.tick(kStart + kSecondNs);
    return read_bytes(files().open(1));
  }

  /// Ends of the packet blocks in a segment's bytes.
  static std::vector<std::size_t> packet_ends(std::span<const std::byte> bytes) {
    std::vector<std::size_t> ends;
    std::span<const std::byte> rest = bytes;
    while (const auto block = parse_block(rest)) {
      rest = rest.subspan(block->bytes.size());
      if (block->type == PcapngFormat::kEnhancedPacket) ends.push_back(bytes.size() - rest.size());
    }
    return ends;
  }

  void start_over() const {
    std::filesystem::remove_all(config.directory);
    std::filesystem::create_directory(config.directory);
  }

  Result<void> open_and_close() const {
    SegmentWriter writer(config);
    if (Result<void> opened = writer.open(kStart); !opened.ok()) return opened;
    last_trouble = writer.trouble();
    return writer.close(kStart);
  }

  void expect_readable(std::uint64_t sequence, std::uint32_t count) const {
    const PacketStore store(config.directory);
    for (std::uint32_t number = 0; number < count; ++number) {
      const auto packet = store.read({kSensor, sequence, number});
      ASSERT_TRUE(packet.ok()) << packet.error().message;
      testing::expect_is_packet(packet.value(), number);
    }
    const auto behind = store.read({kSensor, sequence, count});
    ASSERT_FALSE(behind.ok());
    EXPECT_EQ(behind.error().code, "packet_not_found");
  }

  mutable std::string last_trouble;
};

TEST_F(SegmentRecoveryTest, ACrashAtAnyByteKeepsEveryWholePacket) {
  const std::vector<std::byte> bytes = record_without_completing(12);
  const std::vector<std::size_t> ends = packet_ends(bytes);
  ASSERT_EQ(ends.size(), 12u);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    start_over();
    write_bytes(files().open(1), {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(cut)});
    const auto done = open_and_close();
    ASSERT_TRUE(done.ok()) << done.error().message;
    EXPECT_EQ(last_trouble, "");
    const auto whole = std::upper_bound(ends.begin(), ends.end(), cut) - ends.begin();
    EXPECT_FALSE(std::filesystem::exists(files().open(1)));
    ASSERT_EQ(std::filesystem::exists(files().complete(1)), whole != 0) << "cut at " << cut;
    if (whole != 0) expect_readable(1, static_cast<std::uint32_t>(whole));
    if (HasFailure()) FAIL() << "cut at " << cut;
  }
}

TEST_F(SegmentRecoveryTest, ACrashDuringCompletionLosesNothing) {
  record(12);
  const std::vector<std::byte> bytes = read_bytes(files().complete(1));
  const std::size_t packets_end = packet_ends(bytes).back();
  for (std::size_t cut = packets_end; cut <= bytes.size(); ++cut) {
    for (const bool index_in_place : {false, true}) {
      start_over();
      write_bytes(files().open(1), {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(cut)});
      if (index_in_place) write_bytes(files().index(1), std::vector<std::byte>(17));
      ASSERT_TRUE(open_and_close().ok());
      expect_readable(1, 12);
    }
  }
}

TEST_F(SegmentRecoveryTest, OtherToolsReadARecoveredSegment) {
  if (!testing::installed("capinfos")) GTEST_SKIP() << "capinfos is not installed";
  std::vector<std::byte> bytes = record_without_completing(100);
  bytes.resize(bytes.size() - 5);
  start_over();
  write_bytes(files().open(1), bytes);
  ASSERT_TRUE(open_and_close().ok());
  const std::string summary = testing::run_command("capinfos -M " + files().complete(1) + " 2>&1");
  EXPECT_THAT(summary, ::testing::ContainsRegex("Number of packets: +99"));
  EXPECT_THAT(summary, ::testing::Not(::testing::HasSubstr("cut short")));
}

TEST_F(SegmentRecoveryTest, NumbersGoOnBehindARecoveredSegment) {
  const std::vector<std::byte> bytes = record_without_completing(3);
  start_over();
  write_bytes(files().open(41), bytes);
  SegmentWriter writer(config);
  ASSERT_TRUE(writer.open(kStart).ok());
  EXPECT_EQ(writer.begin_batch(kStart), 42u);
  EXPECT_EQ(writer.counters().segments_completed.value(), 1u);
  expect_readable(41, 3);
}

TEST_F(SegmentRecoveryTest, ADamagedBlockEndsWhatIsRecovered) {
  std::vector<std::byte> bytes = record_without_completing(12);
  const std::vector<std::size_t> ends = packet_ends(bytes);
  bytes[ends[6] + 4] ^= std::byte{1};
  start_over();
  write_bytes(files().open(1), bytes);
  ASSERT_TRUE(open_and_close().ok());
  expect_readable(1, 7);
}

TEST_F(SegmentRecoveryTest, AnIndexThatIsMissingOrBrokenIsMadeAnew) {
  record(3000);
  const std::vector<std::byte> index = read_bytes(files().index(1));
  ASSERT_GT(index.size(), SegmentIndex::kHeaderBytes + 2 * SegmentIndex::kChunkEntryBytes);
  std::filesystem::remove(files().index(1));
  const auto missing = PacketStore(config.directory).read({kSensor, 1, 0});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, "segment_damaged");
  ASSERT_TRUE(open_and_close().ok());
  EXPECT_EQ(read_bytes(files().index(1)), index);
  for (const std::size_t size : {std::size_t{0}, std::size_t{79}, index.size() - 1}) {
    write_bytes(files().index(1), {index.begin(), index.begin() + static_cast<std::ptrdiff_t>(size)});
    ASSERT_TRUE(open_and_close().ok());
    EXPECT_EQ(read_bytes(files().index(1)), index);
  }
}

TEST_F(SegmentRecoveryTest, AnIndexOfAnotherVersionIsRefusedAndKept) {
  record(30);
  std::vector<std::byte> index = read_bytes(files().index(1));
  index[8] = std::byte{2};
  write_bytes(files().index(1), index);
  ASSERT_TRUE(open_and_close().ok());
  EXPECT_THAT(last_trouble, ::testing::HasSubstr("index version 1"));
  EXPECT_EQ(read_bytes(files().index(1)), index);
  EXPECT_TRUE(std::filesystem::exists(files().complete(1)));
  const PacketStore store(config.directory);
  const auto packet = store.read({kSensor, 1, 0});
  ASSERT_FALSE(packet.ok());
  EXPECT_EQ(packet.error().code, "segment_damaged");
  EXPECT_THAT(packet.error().message, ::testing::HasSubstr("index version 1, found 2"));
}

TEST_F(SegmentRecoveryTest, LeftoversOfACrashAreRemovedOthersFilesAreNot) {
  record(3);
  const std::string temporary = files().index(9) + ".tmp";
  const std::string foreign = config.directory + "/notes.tmp";
  for (const std::string& path : {temporary, foreign, files().index(7), files().eviction_log() + ".tmp"}) {
    write_bytes(path, std::vector<std::byte>(5));
  }
  ASSERT_TRUE(open_and_close().ok());
  EXPECT_FALSE(std::filesystem::exists(temporary));
  EXPECT_FALSE(std::filesystem::exists(files().index(7)));
  EXPECT_FALSE(std::filesystem::exists(files().eviction_log() + ".tmp"));
  EXPECT_TRUE(std::filesystem::exists(foreign));
  expect_readable(1, 3);
}

}  // namespace
}  // namespace wireglass
