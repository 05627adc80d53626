#include "pcapng/erf_parser.hpp"

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

using ::testing::HasSubstr;

constexpr std::uint8_t kEthernetType = 2;
constexpr std::uint8_t kMore = 0x80;

struct Shape {
  std::uint8_t type = kEthernetType;
  std::uint16_t wire_length = 100;
  std::uint32_t seconds = 1'000'000;
  std::uint32_t fraction = 0;
};

/// `body`: what stands between the record's header and its end.
CaptureBytes record(const Shape& shape, std::string_view body) {
  CaptureBytes bytes(true);
  CaptureBytes time(false);
  bytes.append(time.u32(shape.fraction).u32(shape.seconds));
  return bytes.u8(shape.type)
      .u8(4)
      .u16(static_cast<std::uint16_t>(16 + body.size()))
      .u16(0)
      .u16(shape.wire_length)
      .text(body);
}

struct Read {
  std::vector<std::string> packets;
  std::vector<PacketView> views;
  std::vector<LinkType> interfaces;
  std::string failure;
};

Read read(const CaptureBytes& file, std::size_t piece_bytes = 5) {
  CaptureFileReader reader(std::make_unique<PiecewiseSource>(file.bytes(), piece_bytes), "a.erf", 16);
  Read result;
  if (const auto opened = reader.open(); !opened.ok()) {
    result.failure = std::string(opened.error().code) + " " + opened.error().message;
    return result;
  }
  for (;;) {
    PacketView packet;
    switch (reader.next(packet)) {
      case CaptureFileReader::Status::kPacket:
        result.interfaces.push_back(reader.interfaces().at(packet.interface_id).link_type);
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

TEST(Erf, GivesFramesWithTheirTimesAndLengths) {
  CaptureBytes file(true);
  file.append(record({.wire_length = 9, .fraction = 0x80000000U}, std::string_view("\0\0FRAME", 7)));
  file.append(
      record({.wire_length = 5, .seconds = 1'000'001, .fraction = 5}, std::string_view("\0\0frame__", 9)));
  const Read result = read(file);
  EXPECT_EQ(result.failure, "");
  EXPECT_THAT(result.packets, ::testing::ElementsAre("FRAME", "frame"));
  ASSERT_EQ(result.views.size(), 2U);
  EXPECT_EQ(result.views[0].timestamp_ns, 1'000'000'500'000'000);
  EXPECT_EQ(result.views[1].timestamp_ns, 1'000'001'000'000'001) << "1.16 ns, rounded";
  EXPECT_EQ(result.views[0].original_length, 9U);
  EXPECT_EQ(result.views[0].link_type, LinkType::kEthernet);
}

TEST(Erf, TakesOffTheHeadersOfEachType) {
  struct Case {
    std::uint8_t type;
    std::string_view body;
    std::string_view packet;
    LinkType link_type;
  };
  const std::string two_extensions(
      "\x83"
      "2345678"
      "\x03"
      "2345678"
      "\0\0FRAME",
      23);
  const std::vector<Case> cases = {
      {1, "FRAME", "FRAME", LinkType::kPppHdlc},
      {19, "FRAME", "FRAME", LinkType::kPppHdlc},
      {5, "1234FRAME", "FRAME", LinkType::kPppHdlc},
      {16, "12FRAME", "FRAME", LinkType::kEthernet},
      {22, "FRAME", "FRAME", LinkType::kIpv4},
      {23, "FRAME", "FRAME", LinkType::kIpv6},
      {2 | kMore, two_extensions, "FRAME", LinkType::kEthernet},
  };
  for (const Case& one : cases) {
    const Read result = read(record({.type = one.type}, one.body));
    ASSERT_EQ(result.packets.size(), 1U) << +one.type << result.failure;
    EXPECT_EQ(result.packets[0], one.packet) << +one.type;
    EXPECT_EQ(result.views[0].link_type, one.link_type) << +one.type;
  }
}

TEST(Erf, LeavesOtherTypesToTheDecoderWhole) {
  const Read result = read(record({.type = 4, .wire_length = 1}, "CELLFRAME"));
  ASSERT_EQ(result.packets.size(), 1U);
  EXPECT_EQ(result.packets[0].size(), 25U);
  EXPECT_EQ(result.views[0].link_type, LinkType::kErf);
  EXPECT_EQ(result.views[0].original_length, 1U);
}

TEST(Erf, HasAnInterfaceForEachLinkType) {
  CaptureBytes file = record({.type = 22}, "FRAME");
  file.append(record({.type = 2}, "12FRAME")).append(record({.type = 22}, "FRAME"));
  const Read result = read(file);
  EXPECT_THAT(result.interfaces,
              ::testing::ElementsAre(LinkType::kIpv4, LinkType::kEthernet, LinkType::kIpv4));
  ASSERT_EQ(result.views.size(), 3U);
  EXPECT_EQ(result.views[2].interface_id, result.views[0].interface_id);
}

TEST(Erf, PaddingIsNoPacket) {
  CaptureBytes file = record({.type = 48}, "zeros");
  file.append(record({}, "12FRAME"));
  EXPECT_THAT(read(file).packets, ::testing::ElementsAre("FRAME"));
}

TEST(Erf, ReportsWhereItIsDamaged) {
  CaptureBytes good(true);
  for (int count = 0; count < 4; ++count) good.append(record({}, "12FRAME"));
  CaptureBytes cut = good;
  cut.append(record({}, "12FRAME"));
  cut.cut(cut.size() - 1);
  const Read truncated = read(cut);
  EXPECT_EQ(truncated.packets.size(), 4U) << "what stands in front of the damage is right";
  EXPECT_EQ(truncated.failure,
            "a.erf: byte 92: expected a packet record of at least 23 bytes, the file ends after 22");

  CaptureBytes lengthless = good;
  EXPECT_EQ(read(lengthless.append(record({}, "")).u64(0).u64(0)).failure,
            "a.erf: byte 108: expected extension headers that end within the record's 16 bytes");
  CaptureBytes zeros = good;
  EXPECT_EQ(read(zeros.u64(0).u64(0)).failure,
            "a.erf: byte 102: expected a record length of at least 16 bytes, found 0");
  CaptureBytes extended = good;
  EXPECT_THAT(read(extended.append(record({.type = 22 | kMore}, "1234567"))).failure, HasSubstr("byte 108"));
}

TEST(Erf, IsOnlyWhatReadsAsRecords) {
  const auto refused = [](const CaptureBytes& file) { return read(file).failure; };
  const std::string reason = "not_a_capture_file a.erf: expected pcap, pcapng, snoop or ERF, found magic 0x";
  CaptureBytes apart = record({}, "12FRAME");
  apart.append(record({.seconds = 900'000'000}, "12FRAME"));
  EXPECT_THAT(refused(apart), HasSubstr(reason)) << "records of years apart";
  EXPECT_THAT(refused(record({.type = 0}, "12FRAME")), HasSubstr(reason));
  EXPECT_THAT(refused(record({.type = 30}, "12FRAME")), HasSubstr(reason));
  CaptureBytes cut = record({}, "12FRAME");
  cut.cut(22);
  EXPECT_THAT(refused(cut), HasSubstr(reason)) << "no whole record";
  EXPECT_THAT(refused(CaptureBytes(true).u64(1).u32(0x02000000)), HasSubstr(reason)) << "no whole header";
  EXPECT_THAT(refused(CaptureBytes().text("#!/bin/sh\necho this is a script, not a capture\n")),
              HasSubstr(reason));
}

}  // namespace
}  // namespace wireglass
