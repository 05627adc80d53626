#include <gmock/gmock.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <csignal>

#include "segment/segment_recovery.hpp"
#include "segment/testing/segment_fixture.hpp"

namespace wireglass {
namespace {

using testing::kStart;

/// What a disk that refuses does to a recording.
class SegmentDiskTest : public testing::SegmentTest {
 protected:
  /// Appends a batch each second; remembers which packet has which id as far as a segment was there.
  void record_batches(SegmentWriter& writer, std::uint32_t batches, std::uint32_t batch) {
    for (std::uint32_t round = 0; round < batches; ++round) {
      now_ += kSecondNs;
      append_batch(writer, now_, next_, batch);
      next_ += batch;
      writer.tick(now_);
    }
  }

  static std::uint64_t accounted(const SegmentCounters& counters) {
    return counters.packets_recorded.value() + counters.packets_lost_to_disk.value() +
           counters.packets_buffered.value();
  }

  /// Every packet the store lists is one that was appended, whole; returns how many there are.
  std::uint64_t verify_store() const {
    const PacketStore store(config.directory);
    PacketListing listing;
    listing.limit = 1000;
    std::uint64_t count = 0;
    while (true) {
      const auto page = store.list(listing);
      EXPECT_TRUE(page.ok()) << page.error().message;
      if (!page.ok() || page.value().empty()) return count;
      for (const StoredPacket& packet : page.value()) {
        const auto number = static_cast<std::uint32_t>((packet.timestamp_ns - kStart) / 1'001'003);
        testing::expect_is_packet(packet, number);
      }
      count += page.value().size();
      listing.before = page.value().back().id;
    }
  }

  TimeNs now_ = kStart;
  std::uint32_t next_ = 0;
};

/// Files cannot grow beyond a limit while this lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
};

TEST_F(SegmentDiskTest, AWriteThatFailsHalfwayKeepsTheWholePacketsAndCountsTheOthers) {
  SegmentWriter writer(config);
  ASSERT_TRUE(writer.open(now_).ok());
  {
    const FileSizeLimit limit(100'001);
    record_batches(writer, 1, 3000);
    const SegmentCounters& counters = writer.counters();
    EXPECT_EQ(accounted(counters), 3000u);
    EXPECT_GT(counters.packets_recorded.value(), 500u);
    EXPECT_GT(counters.packets_lost_to_disk.value(), 500u);
    EXPECT_EQ(counters.packets_buffered.value(), 0u);
    EXPECT_THAT(writer.trouble(), ::testing::HasSubstr("File too large"));
    // The statistics block does not fit below the limit: the packets are read through the writer until it
    // does.
    EXPECT_EQ(verify_store(), counters.packets_recorded.value());
  }
  record_batches(writer, 2, 100);
  EXPECT_EQ(writer.trouble(), "");
  ASSERT_TRUE(writer.close(now_).ok());
  EXPECT_EQ(accounted(writer.counters()), 3200u);
  EXPECT_EQ(writer.counters().segments_completed.value(), 2u);
  EXPECT_EQ(verify_store(), writer.counters().packets_recorded.value());
}

TEST_F(SegmentDiskTest, ASegmentThatCannotBeCompletedWaitsForTheNextStart) {
  record(1000);
  const std::uint64_t packets_end = read_index(files().index(1)).index.summary.packets_end;
  std::filesystem::remove_all(config.directory);
  std::uint64_t recorded = 0;
  {
    const FileSizeLimit limit(packets_end);  // nothing fits behind the last packet
    SegmentWriter writer(config);
    ASSERT_TRUE(writer.open(now_).ok());
    record_batches(writer, 3, 3000);
    const auto closed = writer.close(now_);
    recorded = writer.counters().packets_recorded.value();
    ASSERT_FALSE(closed.ok());
    EXPECT_EQ(closed.error().code, "segment_unwritable");
  }
  EXPECT_EQ(recorded, 1000u);
  EXPECT_EQ(verify_store(), 0u);
  SegmentWriter next(config);
  ASSERT_TRUE(next.open(now_).ok());
  EXPECT_EQ(verify_store(), recorded);
}

TEST_F(SegmentDiskTest, ADiskThatRefusesIsTriedOnceASecond) {
  SegmentWriter writer(config);
  ASSERT_TRUE(writer.open(now_).ok());
  append_batch(writer, now_, 0, 10);
  {
    const FileSizeLimit limit(20);
    writer.tick(now_ + kSecondNs);
    EXPECT_THAT(writer.trouble(), ::testing::HasSubstr("File too large"));
    EXPECT_EQ(writer.begin_batch(now_ + 2 * kSecondNs), 0u);
  }
  EXPECT_EQ(append_batch(writer, now_ + 3 * kSecondNs - 1, 10, 10), 0u);
  EXPECT_EQ(append_batch(writer, now_ + 3 * kSecondNs, 20, 10), 1u);
  ASSERT_TRUE(writer.close(now_).ok());
  EXPECT_EQ(writer.trouble(), "");
  EXPECT_EQ(writer.counters().packets_lost_to_disk.value(), 20u);
  EXPECT_EQ(verify_store(), 10u);
}

TEST_F(SegmentDiskTest, ADirectoryThatIsTakenAwayIsAnErrorNotACrash) {
  SegmentWriter writer(config);
  ASSERT_TRUE(writer.open(now_).ok());
  record_batches(writer, 1, 10);
  std::filesystem::remove_all(config.directory);
  record_batches(writer, 100, 10);
  const auto closed = writer.close(now_);
  ASSERT_FALSE(closed.ok());
  EXPECT_EQ(closed.error().code, "segment_unwritable");
  EXPECT_EQ(accounted(writer.counters()), 1010u);
}

/// A small file system of its own, in a mount namespace that ends with the process.
class TinyDisk {
 public:
  explicit TinyDisk(const std::string& path) : path_(path) {
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return;
    std::filesystem::create_directories(path);
    mounted_ = mount("tmpfs", path.c_str(), "tmpfs", 0, "size=2m") == 0;
  }
  ~TinyDisk() {
    if (mounted_) umount2(path_.c_str(), MNT_DETACH);
  }
  TinyDisk(const TinyDisk&) = delete;
  TinyDisk& operator=(const TinyDisk&) = delete;
  bool mounted() const { return mounted_; }

 private:
  std::string path_;
  bool mounted_ = false;
};

TEST_F(SegmentDiskTest, AFullDiskCostsOnlyWhatDoesNotFit) {
  const TinyDisk disk(config.directory);
  if (!disk.mounted()) GTEST_SKIP() << "mounting a small tmpfs needs root";
  config.max_segment_bytes = 500'000;
  SegmentWriter writer(config);
  ASSERT_TRUE(writer.open(now_).ok());
  record_batches(writer, 6, 10'000);
  const SegmentCounters& counters = writer.counters();
  EXPECT_EQ(accounted(counters), 60'000u);
  EXPECT_GT(counters.packets_lost_to_disk.value(), 20'000u);
  EXPECT_THAT(writer.trouble(), ::testing::HasSubstr("No space left on device"));
  EXPECT_EQ(verify_store(), counters.packets_recorded.value());
  const std::uint64_t full_at = counters.packets_recorded.value();

  std::filesystem::remove(files().complete(1));
  std::filesystem::remove(files().index(1));
  record_batches(writer, 3, 1000);
  EXPECT_EQ(writer.trouble(), "");
  EXPECT_GT(counters.packets_recorded.value(), full_at);
  ASSERT_TRUE(writer.close(now_).ok());
  EXPECT_EQ(accounted(counters), 63'000u);
}

TEST_F(SegmentDiskTest, EvictionMakesRoomOnAFullDisk) {
  const TinyDisk disk(config.directory);
  if (!disk.mounted()) GTEST_SKIP() << "mounting a small tmpfs needs root";
  config.max_segment_bytes = 200'000;
  config.max_total_bytes = 600'000;
  SegmentWriter writer(config);
  ASSERT_TRUE(writer.open(now_).ok());
  record_batches(writer, 100, 1000);
  EXPECT_EQ(writer.counters().packets_lost_to_disk.value(), 0u);
  EXPECT_EQ(writer.counters().packets_recorded.value() + writer.counters().packets_buffered.value(),
            100'000u);
  EXPECT_GT(writer.counters().segments_evicted.value(), 20u);
  ASSERT_TRUE(writer.close(now_).ok());
  EXPECT_GT(verify_store(), 2000u);
}

}  // namespace
}  // namespace wireglass
