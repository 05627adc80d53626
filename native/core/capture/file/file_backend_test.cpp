#include "capture/file/file_backend.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "pcapng/capture_bytes.hpp"

namespace wireglass {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kMagic = 0xa1b2c3d4;

class FileBackend : public testing::Test {
 protected:
  FileBackend() {
    std::string pattern = (fs::temp_directory_path() / "wireglass-file-backend-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~FileBackend() override { fs::remove_all(directory_); }

  std::string path(const std::string& name) const { return (directory_ / name).string(); }
  std::string write(const std::string& name, const CaptureBytes& file) const {
    std::ofstream(path(name), std::ios::binary)
        .write(reinterpret_cast<const char*>(file.bytes().data()), static_cast<std::streamsize>(file.size()));
    return path(name);
  }
  static CaptureBytes pcap_of(std::uint32_t packets, std::uint32_t first_second = 0) {
    CaptureBytes file;
    file.pcap_header(kMagic, 1);
    for (std::uint32_t i = 0; i < packets; ++i) file.pcap_record(first_second + i, 0, "abcd", 60);
    return file;
  }

  fs::path directory_;
};

struct Reading {
  std::vector<TimeNs> times;
  std::vector<std::uint32_t> interface_ids;
  ReadStatus status = ReadStatus::kPackets;
};

Reading read_all(CaptureBackend& backend) {
  Reading reading;
  PacketBatch batch;
  while ((reading.status = backend.read(batch, 0)) == ReadStatus::kPackets) {
    EXPECT_FALSE(batch.packets().empty());
    for (const PacketView& packet : batch.packets()) {
      EXPECT_LT(packet.interface_id, backend.interfaces().size());
      reading.times.push_back(packet.timestamp_ns);
      reading.interface_ids.push_back(packet.interface_id);
    }
    batch.release();
  }
  return reading;
}

TEST_F(FileBackend, ReadsFilesOneAfterAnotherWithInterfacesOfTheirOwn) {
  CaptureBytes pcapng;
  pcapng.section().interface(1).interface(101).enhanced(1, 9'000'000, "abcd", 4);
  const auto backend = make_file_backend({write("a.pcap", pcap_of(1, 7)), write("b.pcapng", pcapng),
                                          write("empty.pcap", pcap_of(0)), write("c.pcap", pcap_of(1, 8))});
  EXPECT_EQ(backend->name(), "file");
  EXPECT_FALSE(backend->is_live());
  ASSERT_TRUE(backend->open().ok());
  const Reading reading = read_all(*backend);
  EXPECT_EQ(reading.status, ReadStatus::kEnd);
  EXPECT_THAT(reading.times, testing::ElementsAre(7 * kSecondNs, 9 * kSecondNs, 8 * kSecondNs));
  EXPECT_THAT(reading.interface_ids, testing::ElementsAre(0, 2, 4));
  ASSERT_EQ(backend->interfaces().size(), 5U);
  EXPECT_EQ(backend->interfaces()[0].name, "a.pcap");
  EXPECT_EQ(backend->interfaces()[2].link_type, LinkType::kRaw);
  EXPECT_EQ(backend->interfaces()[4].name, "c.pcap");
  EXPECT_TRUE(backend->failures().empty());
  EXPECT_EQ(backend->counters().offered, 3U);
  EXPECT_EQ(backend->counters().delivered, 3U);
  EXPECT_EQ(backend->progress(), 1);
  PacketBatch batch;
  EXPECT_EQ(backend->read(batch, 0), ReadStatus::kEnd);
}

TEST_F(FileBackend, ReadsMoreThanAWindowAndTellsItsProgress) {
  constexpr std::uint32_t kPackets = 200'000;
  const auto backend = make_file_backend({write("large.pcap", pcap_of(kPackets))});
  ASSERT_TRUE(backend->open().ok());
  EXPECT_LT(backend->progress(), 0.5);
  const Reading reading = read_all(*backend);
  ASSERT_EQ(reading.times.size(), kPackets);
  for (std::uint32_t i = 0; i < kPackets; ++i) ASSERT_EQ(reading.times[i], i * kSecondNs);
  EXPECT_EQ(backend->progress(), 1);
}

TEST_F(FileBackend, KeepsThePacketsOfABatchInPlaceUntilItIsReleased) {
  const auto backend = make_file_backend({write("a.pcap", pcap_of(300)), write("b.pcap", pcap_of(1, 1000))});
  ASSERT_TRUE(backend->open().ok());
  PacketBatch first;
  PacketBatch second;
  PacketBatch third;
  ASSERT_EQ(backend->read(first, 0), ReadStatus::kPackets);
  EXPECT_TRUE(first.full());
  ASSERT_EQ(backend->read(second, 0), ReadStatus::kPackets);
  EXPECT_EQ(second.packets().size(), 44U);
  ASSERT_EQ(backend->read(third, 0), ReadStatus::kPackets);
  EXPECT_EQ(third.packets()[0].timestamp_ns, 1000 * kSecondNs);
  EXPECT_EQ(third.packets()[0].interface_id, 1U);
  for (const PacketBatch* batch : {&first, &second, &third}) {
    for (const PacketView& packet : batch->packets()) {
      EXPECT_EQ(std::memcmp(packet.data, "abcd", 4), 0);
    }
  }
  EXPECT_EQ(backend->counters().delivered, 301U);
}

TEST_F(FileBackend, GoesOnBehindFilesThatAreDamagedMissingOrForeign) {
  CaptureBytes cut = pcap_of(2);
  cut.cut(cut.size() - 1);
  CaptureBytes foreign;
  foreign.text("a letter, not packets");
  const auto backend =
      make_file_backend({path("missing.pcap"), write("cut.pcap", cut), write("foreign", foreign),
                         write("good.pcap", pcap_of(1, 5)), write("last.pcap", CaptureBytes())});
  ASSERT_TRUE(backend->open().ok());
  const Reading reading = read_all(*backend);
  EXPECT_EQ(reading.status, ReadStatus::kEnd);
  EXPECT_THAT(reading.times, testing::ElementsAre(0, 5 * kSecondNs));
  ASSERT_EQ(backend->failures().size(), 4U);
  EXPECT_EQ(backend->failures()[0].code, "input_unreadable");
  EXPECT_EQ(backend->failures()[1].code, "capture_file_damaged");
  EXPECT_EQ(backend->failures()[2].code, "not_a_capture_file");
  EXPECT_EQ(backend->failures()[3].code, "not_a_capture_file");
  EXPECT_THAT(backend->failures()[1].message, testing::StartsWith(path("cut.pcap") + ": byte 44: "));
  EXPECT_EQ(backend->progress(), 1);
}

TEST_F(FileBackend, CannotBeOpenedWithoutAnyReadableFile) {
  const auto backend = make_file_backend({path("missing.pcap"), write("empty", CaptureBytes())});
  const auto opened = backend->open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, "input_unreadable");
  EXPECT_EQ(backend->failures().size(), 2U);
  PacketBatch batch;
  EXPECT_EQ(backend->read(batch, 0), ReadStatus::kEnd);
  EXPECT_FALSE(make_file_backend({})->open().ok());
}

TEST_F(FileBackend, EndsAtOnceWhenDrained) {
  const auto backend = make_file_backend({write("a.pcap", pcap_of(1000))});
  ASSERT_TRUE(backend->open().ok());
  PacketBatch batch;
  ASSERT_EQ(backend->read(batch, 0), ReadStatus::kPackets);
  batch.release();
  backend->begin_drain();
  EXPECT_EQ(backend->read(batch, 0), ReadStatus::kEnd);
  EXPECT_EQ(backend->counters().delivered, 256U);
}

TEST_F(FileBackend, WaitsForThePacketsOfAPipeNoLongerThanTold) {
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  const int writer = open(path("pipe").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(writer, 0);
  const auto send = [&](const std::byte* from, std::size_t size) {
    ASSERT_EQ(::write(writer, from, size), static_cast<ssize_t>(size));
  };
  const CaptureBytes file = pcap_of(2);
  constexpr std::size_t kFirstPart = 24 + 16;
  send(file.bytes().data(), kFirstPart);
  const auto backend = make_file_backend({path("pipe")});
  ASSERT_TRUE(backend->open().ok());
  EXPECT_LT(backend->progress(), 0);
  PacketBatch batch;
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(backend->read(batch, 30), ReadStatus::kTimeout);
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(25));
  send(file.bytes().data() + kFirstPart, file.size() - kFirstPart);
  ASSERT_EQ(backend->read(batch, 1000), ReadStatus::kPackets);
  EXPECT_EQ(batch.packets().size(), 2U);
  batch.release();
  EXPECT_EQ(backend->read(batch, 0), ReadStatus::kTimeout);
  close(writer);
  EXPECT_EQ(backend->read(batch, 1000), ReadStatus::kEnd);
  EXPECT_TRUE(backend->failures().empty());
}

}  // namespace
}  // namespace wireglass
