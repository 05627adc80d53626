#include "pcapng/pcapng_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "pcapng/pcapng_format.hpp"

namespace wireglass {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Buffer = PcapngWriter::Buffer;

std::uint32_t word(const Buffer& buffer, std::size_t offset) {
  return load_little_endian<std::uint32_t>(buffer.data() + offset);
}

PacketView view_of(const std::vector<std::byte>& data, TimeNs time_ns) {
  PacketView packet;
  packet.data = data.data();
  packet.captured_length = static_cast<std::uint32_t>(data.size());
  packet.original_length = packet.captured_length + 100;
  packet.timestamp_ns = time_ns;
  return packet;
}

std::string run(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return {};
  std::string output;
  char part[4096];
  while (const std::size_t size = fread(part, 1, sizeof(part), pipe)) output.append(part, size);
  pclose(pipe);
  return output;
}

bool installed(const char* tool) {
  return std::system((std::string("command -v ") + tool + " >/dev/null 2>&1").c_str()) == 0;  // NOLINT
}

/// A file that is there as long as the object.
class TemporaryFile {
 public:
  TemporaryFile(const Buffer& content, const char* extension) {
    char name[] = "/tmp/wireglass-writer-XXXXXX";
    const int descriptor = mkstemp(name);
    if (descriptor >= 0) close(descriptor);
    std::filesystem::remove(name);
    path_ = std::string(name) + extension;
    std::ofstream(path_, std::ios::binary)
        .write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(PcapngWriter, EveryBlockCarriesItsLengthAtBothEnds) {
  Buffer out;
  PcapngWriter::section_header(out, "Wireglass");
  PcapngWriter::interface_description(out, {"eth0", LinkType::kEthernet, 96});
  for (std::size_t length = 0; length <= 9; ++length) {
    PcapngWriter::enhanced_packet(out, 0, view_of(std::vector<std::byte>(length, std::byte{0xab}), 1));
  }
  PcapngWriter::interface_statistics(out, 0, 5, 10, 2);
  std::size_t offset = 0;
  std::size_t blocks = 0;
  while (offset < out.size()) {
    const std::uint32_t length = word(out, offset + 4);
    ASSERT_GE(length, 12u);
    ASSERT_EQ(length % 4, 0u);
    ASSERT_LE(offset + length, out.size());
    ASSERT_EQ(word(out, offset + length - 4), length);
    offset += length;
    ++blocks;
  }
  EXPECT_EQ(offset, out.size());
  EXPECT_EQ(blocks, 13u);
}

TEST(PcapngWriter, EnhancedPacketHoldsTheFieldsOfTheDraft) {
  const std::vector<std::byte> data(5, std::byte{0x5a});
  Buffer out;
  PcapngWriter::enhanced_packet(out, 7, view_of(data, 0x0102030405060708));
  ASSERT_EQ(out.size(), 40u);
  EXPECT_EQ(out.size(), PcapngWriter::enhanced_packet_bytes(5));
  std::vector<std::uint32_t> words;
  for (std::size_t offset = 0; offset < 28; offset += 4) words.push_back(word(out, offset));
  EXPECT_THAT(words, ElementsAre(6u, 40u, 7u, 0x01020304u, 0x05060708u, 5u, 105u));
  EXPECT_EQ(word(out, 32), 0x5au);
}

TEST(PcapngWriter, ALongNameIsCutToItsLimit) {
  Buffer out;
  PcapngWriter::interface_description(out, {std::string(100'000, 'n'), LinkType::kRaw, 0});
  EXPECT_EQ(load_little_endian<std::uint16_t>(out.data() + 18), PcapngWriter::kMaxTextBytes);
  EXPECT_EQ(word(out, 4), out.size());
}

TEST(PcapngWriter, StatisticsLeaveOutWhatIsNotKnown) {
  Buffer with;
  PcapngWriter::interface_statistics(with, 0, 1, 10, 2);
  Buffer without;
  PcapngWriter::interface_statistics(without, 0, 1, 10, std::nullopt);
  EXPECT_EQ(with.size(), without.size() + 12);
}

TEST(PcapWriter, TimeStampsOutsideOfTheFormatAreClamped) {
  const std::vector<std::byte> data(1);
  Buffer out;
  PcapWriter::packet(out, view_of(data, -5));
  EXPECT_EQ(word(out, 0), 0u);
  EXPECT_EQ(word(out, 4), 0u);
  out.clear();
  PcapWriter::packet(out, view_of(data, 5'000'000'000 * kSecondNs));
  EXPECT_EQ(word(out, 0), 0xffffffffu);
}

TEST(PcapWriter, APacketLongerThanReadersTakeIsCut) {
  const std::vector<std::byte> data(300'000);
  Buffer out;
  PcapWriter::packet(out, view_of(data, 0));
  EXPECT_EQ(out.size(), 16 + PcapWriter::kMaxPacketBytes);
  EXPECT_EQ(word(out, 8), PcapWriter::kMaxPacketBytes);
  EXPECT_EQ(word(out, 12), 300'100u);
}

TEST(PcapngWriter, TsharkAndCapinfosReadWhatIsWritten) {
  if (!installed("tshark") || !installed("capinfos")) GTEST_SKIP() << "tshark or capinfos is not installed";
  const std::vector<std::byte> data(61, std::byte{0x11});
  Buffer out;
  PcapngWriter::section_header(out, "Wireglass");
  PcapngWriter::interface_description(out, {"uplink-7", LinkType::kEthernet, 262144});
  PcapngWriter::enhanced_packet(out, 0, view_of(data, 1'700'000'000'123'456'789));
  PcapngWriter::enhanced_packet(out, 0, view_of(data, 1'700'000'001'000'000'001));
  PcapngWriter::interface_statistics(out, 0, 1'700'000'001'000'000'002, 2, 9);
  const TemporaryFile file(out, ".pcapng");
  EXPECT_EQ(run("tshark -r " + file.path() +
                " -T fields -e frame.time_epoch -e frame.interface_name -e frame.len -e frame.cap_len 2>&1 "
                "| grep -v '^Running as'"),
            "1700000000.123456789\tuplink-7\t161\t61\n1700000001.000000001\tuplink-7\t161\t61\n");
  const std::string summary = run("capinfos -M " + file.path() + " 2>&1");
  EXPECT_THAT(summary, HasSubstr("Capture application: Wireglass"));
  EXPECT_THAT(summary, HasSubstr("nanoseconds (9)"));
  EXPECT_THAT(summary, testing::ContainsRegex("Number of packets: +2"));
}

TEST(PcapWriter, TsharkReadsMicrosecondsAndLengths) {
  if (!installed("tshark")) GTEST_SKIP() << "tshark is not installed";
  const std::vector<std::byte> data(61, std::byte{0x11});
  Buffer out;
  PcapWriter::file_header(out, LinkType::kEthernet);
  PcapWriter::packet(out, view_of(data, 1'700'000'000'123'456'789));
  const TemporaryFile file(out, ".pcap");
  EXPECT_EQ(run("tshark -r " + file.path() +
                " -T fields -e frame.time_epoch -e frame.len -e frame.cap_len 2>&1 | grep -v '^Running as'"),
            "1700000000.123456000\t161\t61\n");
}

}  // namespace
}  // namespace wireglass
