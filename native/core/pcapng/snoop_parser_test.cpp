#include "pcapng/snoop_parser.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pcapng/capture_bytes.hpp"
#include "pcapng/capture_file_reader.hpp"

namespace wireglass {
namespace {

CaptureBytes snoop_header(std::uint32_t datalink = 4, std::uint32_t version = 2) {
  return CaptureBytes(true).text(std::string_view("snoop\0\0\0", 8)).u32(version).u32(datalink);
}
CaptureBytes record(std::string_view data, std::uint32_t padding = 0) {
  const auto size = static_cast<std::uint32_t>(data.size());
  CaptureBytes bytes(true);
  bytes.u32(size + 5).u32(size).u32(24 + size + padding).u32(3).u32(1000).u32(250'000).text(data);
  return bytes.text(std::string(padding, '\0'));
}

struct Read {
  std::vector<std::string> packets;
  std::vector<PacketView> views;
  std::string failure;
};

Read read(const CaptureBytes& file, std::size_t piece_bytes = 5) {
  CaptureFileReader reader(std::make_unique<PiecewiseSource>(file.bytes(), piece_bytes), "a.snoop", 16);
  Read result;
  if (const auto opened = reader.open(); !opened.ok()) {
    result.failure = opened.error().message;
    return result;
  }
  for (;;) {
    PacketView packet;
    switch (reader.next(packet)) {
      case CaptureFileReader::Status::kPacket:
        result.packets.emplace_back(reinterpret_cast<const char*>(packet.data), packet.captured_length);
        result.views.push_back(packet);
        break;
      case CaptureFileReader::Status::kNeedsRefill:
        static_cast<void>(reader.refill());
        break;
      case CaptureFileReader::Status::kDamaged:
        result.failure = reader.failure().message;
        return result;
      case CaptureFileReader::Status::kEnd:
        return result;
    }
  }
}

TEST(Snoop, GivesPacketsWithTheirTimesAndLengths) {
  const Read result =
      read(snoop_header().append(record("first", 3)).append(record("")).append(record("third")));
  EXPECT_EQ(result.failure, "");
  EXPECT_THAT(result.packets, testing::ElementsAre("first", "", "third"));
  EXPECT_EQ(result.views[0].original_length, 10U);
  EXPECT_EQ(result.views[0].timestamp_ns, 1000 * kSecondNs + 250 * kMillisecondNs);
  EXPECT_EQ(result.views[0].link_type, LinkType::kEthernet);
  EXPECT_EQ(read(snoop_header(8).append(record("x"))).views[0].link_type, LinkType::kFddi);
  EXPECT_EQ(read(snoop_header()).packets.size(), 0U);
}

TEST(Snoop, NamesWhatIsWrongAndKeepsThePacketsBefore) {
  struct Case {
    CaptureBytes file;
    std::size_t packets;
    std::string message;
  };
  CaptureBytes cut = snoop_header().append(record("first")).append(record("second"));
  cut.cut(cut.size() - 2);
  CaptureBytes short_record = snoop_header().append(record("first"));
  short_record.u32(5).u32(5).u32(28).u32(0).u32(0).u32(0);
  CaptureBytes huge = snoop_header();
  huge.u32(5).u32(0x7fffffff).u32(28).u32(0).u32(0).u32(0);
  CaptureBytes header = snoop_header();
  header.cut(12);
  const std::vector<Case> cases = {
      {cut, 1, "byte 45: expected a packet record of at least 30 bytes, the file ends after 28"},
      {short_record, 1, "byte 53: expected a record of 29 bytes and padding, found 28"},
      {huge, 0, "byte 20: expected a captured length of at most 16777216 bytes, found 2147483647"},
      {header, 0, "byte 0: expected a snoop file header of 16 bytes, the file has only 12"},
      {snoop_header(4, 3), 0, "byte 8: expected snoop version 2, found 3"},
      {snoop_header(5), 0, "byte 12: expected a snoop datalink type with a decoder"},
      {CaptureBytes().text("snoopy is no capture file"), 0, "byte 0: expected \"snoop\" and three zeros"},
  };
  for (const Case& test : cases) {
    const Read result = read(test.file);
    EXPECT_EQ(result.packets.size(), test.packets) << test.message;
    EXPECT_THAT(result.failure, testing::StartsWith("a.snoop: " + test.message));
  }
}

}  // namespace
}  // namespace wireglass
