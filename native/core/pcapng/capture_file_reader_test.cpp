#include "pcapng/capture_file_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>

#include "pcapng/capture_bytes.hpp"

namespace wireglass {
namespace {

using testing::HasSubstr;
using Status = CaptureFileReader::Status;

constexpr std::uint32_t kMicrosecondMagic = 0xa1b2c3d4;
constexpr std::uint32_t kNanosecondMagic = 0xa1b23c4d;
constexpr std::uint32_t kModifiedMagic = 0xa1b2cd34;
constexpr TimeNs kStartNs = 1'700'000'000 * kSecondNs;

struct Packet {
  TimeNs timestamp_ns;
  std::string data;
  std::uint32_t original_length;
  std::uint32_t interface_id;
  LinkType link_type;

  friend bool operator==(const Packet&, const Packet&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Packet& packet) {
    return out << packet.timestamp_ns << " ns \"" << packet.data << "\" of " << packet.original_length
               << " on " << packet.interface_id << ", " << link_type_name(packet.link_type);
  }
};

struct Reading {
  std::vector<Packet> packets;
  std::vector<InterfaceInfo> interfaces;
  Error error{};  ///< of open() or where the reading ended
};

Reading read_from(std::unique_ptr<ByteSource> source, std::size_t window_bytes) {
  CaptureFileReader reader(std::move(source), "some/where/x.pcap", window_bytes);
  Reading reading;
  if (const auto opened = reader.open(); !opened.ok()) {
    reading.error = opened.error();
    return reading;
  }
  for (;;) {
    PacketView view;
    const Status status = reader.next(view);
    if (status == Status::kPacket) {
      reading.packets.push_back({view.timestamp_ns,
                                 {reinterpret_cast<const char*>(view.data), view.captured_length},
                                 view.original_length,
                                 view.interface_id,
                                 view.link_type});
    } else if (status == Status::kNeedsRefill) {
      (void)reader.refill().ok();
    } else {
      if (status == Status::kDamaged) reading.error = reader.failure();
      reading.interfaces = reader.interfaces();
      return reading;
    }
  }
}

Reading read_whole(const CaptureBytes& file) {
  return read_from(std::make_unique<PiecewiseSource>(file.bytes(), file.size() + 1),
                   CaptureFileReader::kWindowBytes);
}

class BothByteOrders : public testing::TestWithParam<bool> {
 protected:
  CaptureBytes file{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(CaptureFileReader, BothByteOrders, testing::Bool(),
                         [](const auto& order) { return order.param ? "Swapped" : "Native"; });

TEST_P(BothByteOrders, MicrosecondPcap) {
  file.pcap_header(kMicrosecondMagic, 1).pcap_record(1'700'000'000, 999'999, "abcde", 1500);
  file.pcap_record(0xffff'ffff, 0, "", 60);
  const Reading reading = read_whole(file);
  EXPECT_EQ(reading.error.message, "");
  EXPECT_THAT(
      reading.packets,
      testing::ElementsAre(Packet{kStartNs + 999'999 * kMicrosecondNs, "abcde", 1500, 0, LinkType::kEthernet},
                           Packet{4'294'967'295 * kSecondNs, "", 60, 0, LinkType::kEthernet}));
  ASSERT_EQ(reading.interfaces.size(), 1U);
  EXPECT_EQ(reading.interfaces[0].name, "x.pcap");
  EXPECT_EQ(reading.interfaces[0].snaplen, 262144U);
}

TEST_P(BothByteOrders, NanosecondPcap) {
  file.pcap_header(kNanosecondMagic, 113).pcap_record(1'700'000'000, 123'456'789, "ab", 2);
  const Reading reading = read_whole(file);
  EXPECT_EQ(reading.error.message, "");
  EXPECT_THAT(reading.packets,
              testing::ElementsAre(Packet{kStartNs + 123'456'789, "ab", 2, 0, LinkType::kLinuxSll}));
}

TEST_P(BothByteOrders, ModifiedPcapWithLongerRecordHeader) {
  file.pcap_header(kModifiedMagic, 1);
  for (const char* data : {"abc", "defg"}) {
    const auto length = static_cast<std::uint32_t>(std::strlen(data));
    file.u32(1'700'000'000).u32(5).u32(length).u32(length).u32(3).u16(0x0800).u8(4).u8(0).text(data);
  }
  const Reading reading = read_whole(file);
  EXPECT_EQ(reading.error.message, "");
  ASSERT_EQ(reading.packets.size(), 2U);
  EXPECT_EQ(reading.packets[0].data, "abc");
  EXPECT_EQ(reading.packets[1].data, "defg");
}

TEST_P(BothByteOrders, PcapngWithTwoInterfacesOfTheirOwnResolutions) {
  const CaptureBytes name = file.body().text("eth0");
  CaptureBytes options = file.body();
  options.option(2, name)
      .option(9, file.body().u8(9))
      .option(14, file.body().u64(1000))
      .option(0, file.body());
  file.section().interface(1, 96).interface(276, 0, options);
  file.enhanced(0, 1'700'000'000'000'001, "abcde", 60).enhanced(1, 1'700'000'000'000'000'001, "", 0);
  const Reading reading = read_whole(file);
  EXPECT_EQ(reading.error.message, "");
  EXPECT_THAT(reading.packets,
              testing::ElementsAre(Packet{kStartNs + 1000, "abcde", 60, 0, LinkType::kEthernet},
                                   Packet{kStartNs + 1000 * kSecondNs + 1, "", 0, 1, LinkType::kLinuxSll2}));
  ASSERT_EQ(reading.interfaces.size(), 2U);
  EXPECT_EQ(reading.interfaces[0].name, "x.pcap");
  EXPECT_EQ(reading.interfaces[0].snaplen, 96U);
  EXPECT_EQ(reading.interfaces[1].name, "eth0");
  EXPECT_EQ(reading.interfaces[1].link_type, LinkType::kLinuxSll2);
}

TEST_P(BothByteOrders, PcapngSimpleAndObsoletePacketBlocks) {
  file.section().interface(101, 4).simple(3, "abc").simple(1500, "abcd");
  file.block(2, file.body().u16(0).u16(7).u32(0).u32(5).u32(2).u32(9).text("ab"));
  const Reading reading = read_whole(file);
  EXPECT_EQ(reading.error.message, "");
  EXPECT_THAT(reading.packets, testing::ElementsAre(Packet{0, "abc", 3, 0, LinkType::kRaw},
                                                    Packet{0, "abcd", 1500, 0, LinkType::kRaw},
                                                    Packet{5 * kMicrosecondNs, "ab", 9, 0, LinkType::kRaw}));
}

TEST_P(BothByteOrders, PcapngSkipsBlocksThatHoldNoPacket) {
  file.section();
  for (const std::uint32_t type : {4U, 5U, 10U, 0xbadU, 0x40000badU, 0x7777U})
    file.block(type, file.body().u32(1));
  file.interface(1).block(0xbad, file.body()).enhanced(0, 0, "abc", 3);
  const Reading reading = read_whole(file);
  EXPECT_EQ(reading.error.message, "");
  EXPECT_EQ(reading.packets.size(), 1U);
}

TEST(CaptureFileReader, CountsInterfacesOverSectionsOfDifferentByteOrder) {
  CaptureBytes file(false);
  file.section().interface(1).interface(0).enhanced(1, 0, "a", 1);
  CaptureBytes second(true);
  second.section().interface(229).enhanced(0, 0, "b", 1);
  file.append(second);
  const Reading reading = read_whole(file);
  EXPECT_EQ(reading.error.message, "");
  EXPECT_THAT(reading.packets, testing::ElementsAre(Packet{0, "a", 1, 1, LinkType::kNull},
                                                    Packet{0, "b", 1, 2, LinkType::kIpv6}));
  EXPECT_EQ(reading.interfaces.size(), 3U);
}

TEST(CaptureFileReader, ReadsTheSameHoweverTheInputIsCut) {
  CaptureBytes pcap;
  pcap.pcap_header(kMicrosecondMagic, 1);
  CaptureBytes pcapng;
  pcapng.section().interface(1);
  for (std::uint32_t i = 0; i < 300; ++i) {
    const std::string data(i, static_cast<char>('a' + i % 26));
    pcap.pcap_record(i, i, data, i + 4);
    pcapng.enhanced(0, i, data, i + 4);
  }
  for (const CaptureBytes* file : {&pcap, &pcapng}) {
    const Reading whole = read_whole(*file);
    ASSERT_EQ(whole.packets.size(), 300U);
    for (const std::size_t piece_bytes : {1U, 7U, 64U, 1000U}) {
      for (const std::size_t window_bytes : {1U, 31U, 512U}) {
        const Reading cut =
            read_from(std::make_unique<PiecewiseSource>(file->bytes(), piece_bytes), window_bytes);
        EXPECT_EQ(cut.packets, whole.packets) << piece_bytes << " of " << window_bytes;
        EXPECT_EQ(cut.error.message, "");
      }
    }
  }
}

TEST(CaptureFileReader, FillsBatchesAsOneByOneReadingDoes) {
  CaptureBytes file;
  file.pcap_header(kMicrosecondMagic, 1);
  for (std::uint32_t i = 0; i < 10; ++i) file.pcap_record(i, 0, "abc", 3);
  CaptureFileReader reader(std::make_unique<PiecewiseSource>(file.bytes(), file.size()), "x");
  ASSERT_TRUE(reader.open().ok());
  std::array<PacketView, 4> views;
  std::size_t count = 0;
  EXPECT_EQ(reader.next_batch(views, count), Status::kPacket);
  EXPECT_EQ(count, 4U);
  EXPECT_EQ(views[3].timestamp_ns, 3 * kSecondNs);
  EXPECT_EQ(reader.next_batch(views, count), Status::kPacket);
  EXPECT_EQ(reader.next_batch(views, count), Status::kNeedsRefill);
  EXPECT_EQ(count, 2U);
  EXPECT_EQ(views[1].timestamp_ns, 9 * kSecondNs);
  ASSERT_TRUE(reader.refill().ok());
  EXPECT_EQ(reader.next_batch(views, count), Status::kEnd);
  EXPECT_EQ(count, 0U);
  EXPECT_EQ(reader.progress(), 1);
}

TEST(CaptureFileReader, TakesAPacketLargerThanTheWindow) {
  CaptureBytes file;
  file.pcap_header(kMicrosecondMagic, 1);
  const std::string large(3 * CaptureFileReader::kWindowBytes, 'x');
  file.pcap_record(1, 0, "before", 6).pcap_record(2, 0, large, 9'000'000).pcap_record(3, 0, "behind", 6);
  const Reading reading = read_whole(file);
  EXPECT_EQ(reading.error.message, "");
  ASSERT_EQ(reading.packets.size(), 3U);
  EXPECT_EQ(reading.packets[1].data, large);
  EXPECT_EQ(reading.packets[2].data, "behind");
}

TEST(CaptureFileReader, TakesCapturedLengthsAboveOriginalLengthsAsTheyStand) {
  CaptureBytes file;
  file.pcap_header(kMicrosecondMagic, 1).pcap_record(1, 0, "abcdef", 2);
  const Reading reading = read_whole(file);
  ASSERT_EQ(reading.packets.size(), 1U);
  EXPECT_EQ(reading.packets[0].data, "abcdef");
  EXPECT_EQ(reading.packets[0].original_length, 2U);
}

TEST(CaptureFileReader, PutsAnInvalidFractionAtTheEndOfItsSecond) {
  CaptureBytes file;
  file.pcap_header(kMicrosecondMagic, 1).pcap_record(7, 1'000'000, "", 0).pcap_record(7, 0x8000'0000, "", 0);
  const Reading reading = read_whole(file);
  ASSERT_EQ(reading.packets.size(), 2U);
  EXPECT_EQ(reading.packets[0].timestamp_ns, 8 * kSecondNs - 1);
  EXPECT_EQ(reading.packets[1].timestamp_ns, 8 * kSecondNs - 1);
}

TEST(CaptureFileReader, ReadsLengthsInTheOrderOfOldPcapVersions) {
  for (const std::uint16_t minor : {2, 3}) {
    CaptureBytes file;
    file.pcap_header(kMicrosecondMagic, 1, 2, minor).u32(1).u32(0).u32(60).u32(3).text("abc");
    const Reading reading = read_whole(file);
    ASSERT_EQ(reading.packets.size(), 1U) << minor;
    EXPECT_EQ(reading.packets[0].data, "abc");
    EXPECT_EQ(reading.packets[0].original_length, 60U);
  }
}

TEST(CaptureFileReader, ReadsTheLinkTypeWithoutFrameCheckSequenceBitsAndRawIpOfOldSystems) {
  const std::vector<std::pair<std::uint32_t, LinkType>> cases = {{0x2400'0001, LinkType::kEthernet},
                                                                 {12, LinkType::kRaw},
                                                                 {14, LinkType::kRaw},
                                                                 {101, LinkType::kRaw},
                                                                 {4711, link_type_of(4711)}};
  for (const auto& [value, link_type] : cases) {
    CaptureBytes file;
    file.pcap_header(kMicrosecondMagic, value).pcap_record(0, 0, "", 0);
    const Reading reading = read_whole(file);
    ASSERT_EQ(reading.packets.size(), 1U);
    EXPECT_EQ(reading.packets[0].link_type, link_type);
    EXPECT_EQ(reading.interfaces[0].link_type, link_type);
  }
}

TEST(CaptureFileReader, CutsLongInterfaceNamesBetweenCharacters) {
  std::string name = "x";
  while (name.size() < 400) name += "\u00e9";
  CaptureBytes file;
  file.section().interface(1, 0, CaptureBytes().option(2, CaptureBytes().text(name)));
  file.interface(1, 0, CaptureBytes().option(2, CaptureBytes().text(std::string_view("lo\0junk", 7))));
  const Reading reading = read_whole(file);
  ASSERT_EQ(reading.interfaces.size(), 2U);
  EXPECT_EQ(reading.interfaces[0].name, name.substr(0, 255));
  EXPECT_EQ(reading.interfaces[1].name, "lo");
}

TEST(CaptureFileReader, DeliversWhatWasReadBeforeTheSourceFailed) {
  CaptureBytes file;
  file.pcap_header(kMicrosecondMagic, 1).pcap_record(1, 0, "abc", 3);
  const std::size_t good_bytes = file.size();
  file.pcap_record(2, 0, "abc", 3);
  const Reading reading = read_from(std::make_unique<PiecewiseSource>(file.bytes(), good_bytes, good_bytes),
                                    CaptureFileReader::kWindowBytes);
  EXPECT_EQ(reading.packets.size(), 1U);
  EXPECT_EQ(reading.error.code, "input_unreadable");
}

struct Refusal {
  const char* name;
  CaptureBytes file;
  std::size_t packets;  ///< delivered before the damage
  std::string_view code;
  std::string message;
};

std::vector<Refusal> pcap_and_foreign_refusals() {
  const auto pcap = [] {
    return CaptureBytes().pcap_header(kMicrosecondMagic, 1).pcap_record(0, 0, "abcd", 4);
  };
  std::vector<Refusal> list;
  list.push_back({"Empty", CaptureBytes(), 0, "not_a_capture_file", "only 0 bytes"});
  list.push_back({"ThreeBytes", CaptureBytes().text("abc"), 0, "not_a_capture_file", "only 3 bytes"});
  list.push_back({"NetXRay", CaptureBytes().text(std::string_view("XCP\0 002.", 8)), 0, "not_a_capture_file",
                  "magic 0x58435000, a NetXRay or Sniffer capture"});
  list.push_back({"Text", CaptureBytes().text("hello"), 0, "not_a_capture_file", "magic 0x68656c6c"});
  list.push_back({"PcapHeaderCut", CaptureBytes().u32(kMicrosecondMagic).u32(0), 0, "capture_file_damaged",
                  "byte 0: expected a pcap file header of 24 bytes, the file has only 8"});
  list.push_back({"PcapVersion", CaptureBytes().pcap_header(kMicrosecondMagic, 1, 3, 0), 0,
                  "capture_file_damaged", "byte 4: expected pcap version 2.x, found 3.0"});
  list.push_back({"PcapRecordHeaderCut", pcap().u32(1), 1, "capture_file_damaged",
                  "byte 44: expected a packet record of at least 16 bytes, the file ends after 4"});
  list.push_back({"PcapPacketCut", pcap().u32(1).u32(0).u32(60).u32(60).u32(0), 1, "capture_file_damaged",
                  "byte 44: expected a packet record of at least 76 bytes, the file ends after 20"});
  list.push_back({"PcapPacketTooLong", pcap().u32(1).u32(0).u32(0x7fff'ffff).u32(60), 1,
                  "capture_file_damaged",
                  "byte 52: expected a captured length of at most 16777216 bytes, found 2147483647"});
  return list;
}

std::vector<Refusal> pcapng_refusals() {
  const auto start = [] { return CaptureBytes().section().interface(1).enhanced(0, 0, "abcd", 4); };
  // 28 bytes of section header, 20 of interface description, 36 of packet.
  const std::string behind = "byte 84: ";
  std::vector<Refusal> list;
  list.push_back({"SectionMagic", CaptureBytes().block(0x0a0d0d0a, CaptureBytes().u64(1).u64(2)), 0,
                  "capture_file_damaged", "byte 8: expected the byte-order magic"});
  list.push_back({"SectionVersion", CaptureBytes().section(2), 0, "capture_file_damaged",
                  "byte 12: expected pcapng version 1.x, found 2.0"});
  list.push_back({"SectionTooShort", CaptureBytes().block(0x0a0d0d0a, CaptureBytes().u32(0x1a2b3c4d)), 0,
                  "capture_file_damaged", "byte 4: expected a section header block of at least 28 bytes"});
  list.push_back(
      {"LaterSectionVersion", start().section(2), 1, "capture_file_damaged", "byte 96: expected pcapng"});
  list.push_back({"BlockCut", start().u32(6).u32(60).u32(0), 1, "capture_file_damaged",
                  behind + "expected a block of at least 60 bytes, the file ends after 12"});
  list.push_back({"BlockHeaderCut", start().u32(6), 1, "capture_file_damaged", behind + "expected a block"});
  list.push_back({"BlockLengthZero", start().u32(6).u32(0).u32(0), 1, "capture_file_damaged",
                  "byte 88: expected a block length from 12"});
  list.push_back({"BlockLengthOdd", start().u32(6).u32(33).u32(0), 1, "capture_file_damaged",
                  "byte 88: expected a block length"});
  list.push_back({"BlockTooLong", start().u32(6).u32(0x8000'0000).u32(0), 1, "capture_file_damaged",
                  "byte 88: expected a block length"});
  list.push_back({"BlockTrailer", start().u32(9).u32(16).u32(0).u32(20), 1, "capture_file_damaged",
                  "byte 96: expected the block's length 16 again, found 20"});
  list.push_back({"UnknownInterface", start().enhanced(1, 0, "a", 1), 1, "capture_file_damaged",
                  "byte 92: expected one of the 1 interfaces described in this section, found interface 1"});
  list.push_back({"InterfaceOfAnEarlierSection", start().section().enhanced(0, 0, "a", 1), 1,
                  "capture_file_damaged", "expected one of the 0 interfaces"});
  list.push_back({"SimplePacketWithoutInterface", CaptureBytes().section().simple(1, "a"), 0,
                  "capture_file_damaged", "byte 28: expected an interface description block"});
  list.push_back({"SimplePacketLongerThanItsBlock", start().simple(9, "abcd"), 1, "capture_file_damaged",
                  "byte 92: expected a packet length within the block's 4 bytes of data, found 9"});
  list.push_back({"CapturedLengthLongerThanItsBlock",
                  start().block(6, CaptureBytes().u32(0).u64(0).u32(5).u32(5).text("abcd")), 1,
                  "capture_file_damaged",
                  "byte 104: expected a captured length within the block's 4 bytes of data, found 5"});
  list.push_back({"EnhancedPacketTooShort", start().block(6, CaptureBytes().u64(0).u64(0)), 1,
                  "capture_file_damaged", "byte 88: expected an enhanced packet block of at least 32 bytes"});
  list.push_back({"ObsoletePacketTooShort", start().block(2, CaptureBytes().u64(0).u64(0)), 1,
                  "capture_file_damaged", "byte 88: expected a packet block of at least 32 bytes"});
  list.push_back({"SimplePacketTooShort", start().block(3, CaptureBytes()), 1, "capture_file_damaged",
                  "byte 88: expected a simple packet block of at least 16 bytes"});
  list.push_back({"InterfaceTooShort", start().block(1, CaptureBytes().u32(1)), 1, "capture_file_damaged",
                  "byte 88: expected an interface description block of at least 20 bytes"});
  list.push_back({"OptionLongerThanItsBlock", start().interface(1, 0, CaptureBytes().u16(2).u16(9).u32(0)), 1,
                  "capture_file_damaged", "byte 100: expected an option that ends within"});
  return list;
}

std::vector<Refusal> refusals() {
  std::vector<Refusal> list = pcap_and_foreign_refusals();
  for (Refusal& refusal : pcapng_refusals()) list.push_back(std::move(refusal));
  return list;
}

class Refusals : public testing::TestWithParam<Refusal> {};

INSTANTIATE_TEST_SUITE_P(CaptureFileReader, Refusals, testing::ValuesIn(refusals()),
                         [](const auto& refusal) { return refusal.param.name; });

TEST_P(Refusals, NameFileOffsetAndWhatWasExpected) {
  const Reading reading = read_whole(GetParam().file);
  EXPECT_EQ(reading.packets.size(), GetParam().packets);
  EXPECT_EQ(reading.error.code, GetParam().code);
  EXPECT_THAT(reading.error.message, testing::StartsWith("some/where/x.pcap: "));
  EXPECT_THAT(reading.error.message, HasSubstr(GetParam().message));
}

TEST(CaptureFileReader, LimitsTheInterfacesOfAFile) {
  CaptureBytes file;
  file.section();
  constexpr std::size_t kLimit = 65'536;
  for (std::size_t i = 0; i <= kLimit; ++i) file.interface(1);
  const Reading reading = read_whole(file);
  EXPECT_EQ(reading.interfaces.size(), kLimit);
  EXPECT_EQ(reading.error.code, "capture_file_damaged");
}

TEST(CaptureFileReader, GivesNoPacketsAfterAFailedOpen) {
  CaptureFileReader reader(std::make_unique<PiecewiseSource>(CaptureBytes().text("nonsense").bytes(), 8),
                           "-");
  ASSERT_FALSE(reader.open().ok());
  EXPECT_THAT(reader.failure().message, HasSubstr("standard input: "));
  PacketView packet;
  EXPECT_EQ(reader.next(packet), Status::kDamaged);
}

}  // namespace
}  // namespace wireglass
