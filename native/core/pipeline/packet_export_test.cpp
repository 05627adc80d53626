#include "pipeline/packet_export.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "decode/testing/packet_builder.hpp"
#include "pipeline/file_scan.hpp"
#include "segment/packet_scan.hpp"
#include "segment/testing/segment_fixture.hpp"

namespace wireglass {
namespace {

using testing::kStart;
using testing::PacketBuilder;
using testing::SegmentTest;
using Buffer = PcapngWriter::Buffer;

const std::atomic<bool> kRunning{false};

struct Exported {
  Buffer bytes;
  std::uint64_t packets = 0;
  std::size_t parts = 0;
  std::size_t largest_part = 0;
  std::optional<Error> error;
  bool bytes_before_error = false;
};

Exported run(PacketExport& packets) {
  Exported exported;
  while (!packets.done()) {
    Buffer part;
    const Result<void> next = packets.next(part, kRunning);
    if (!next.ok()) {
      exported.error = next.error();
      exported.bytes_before_error = !exported.bytes.empty();
      return exported;
    }
    exported.bytes.insert(exported.bytes.end(), part.begin(), part.end());
    exported.parts += part.empty() ? 0 : 1;
    exported.largest_part = std::max(exported.largest_part, part.size());
  }
  exported.packets = packets.packets();
  return exported;
}

PacketFilter filter_of(const std::string& body) {
  Result<PacketFilter> filter = PacketFilter::compile("packet_filter_1 " + body);
  EXPECT_TRUE(filter.ok()) << body;
  return std::move(filter.value());
}

class PacketExportTest : public SegmentTest {
 protected:
  PacketExport exporting(ExportFormat format, const TimeRange& range = {}, const std::string& filter = {},
                         std::uint64_t limit = UINT64_MAX) const {
    ExportOptions options;
    options.format = format;
    options.limit = limit;
    if (!filter.empty()) options.filter = filter_of(filter);
    auto scan = scan_segments(config.directory, range);
    EXPECT_TRUE(scan.ok());
    return {std::move(scan.value()), options};
  }
  Exported exported(ExportFormat format, const TimeRange& range = {}, const std::string& filter = {},
                    std::uint64_t limit = UINT64_MAX) const {
    PacketExport packets = exporting(format, range, filter, limit);
    return run(packets);
  }

  /// Even numbers come from Ethernet, odd ones from raw IP.
  void record_two_link_types(std::uint32_t count) const {
    SegmentWriter writer(config);
    ASSERT_TRUE(writer.open(kStart).ok());
    writer.begin_batch(kStart);
    for (std::uint32_t number = 0; number < count; ++number) {
      testing::TestPacket packet(number);
      packet.view.interface_id = number % 2;
      packet.view.link_type = testing::test_interfaces()[number % 2].link_type;
      writer.append(packet.view, testing::test_interfaces());
    }
    ASSERT_TRUE(writer.close(kStart).ok());
  }
};

TimeNs time_of(std::uint32_t number) { return kStart + static_cast<TimeNs>(number) * 1'001'003; }

/// Numbers of the test packets in a nanosecond pcap.
std::vector<std::uint32_t> numbers_of(const Buffer& pcap) {
  std::vector<std::uint32_t> numbers;
  for (std::size_t at = 24; at + 16 <= pcap.size();) {
    std::array<std::uint32_t, 4> head{};
    std::memcpy(head.data(), pcap.data() + at, sizeof(head));
    const TimeNs time_ns = static_cast<TimeNs>(head[0]) * kSecondNs + head[1];
    numbers.push_back(static_cast<std::uint32_t>((time_ns - kStart) / 1'001'003));
    at += 16 + head[2];
  }
  return numbers;
}

TEST_F(PacketExportTest, ExportsTheRangeInOrderOverSegments) {
  config.max_segment_bytes = 256 * 1024;
  record(9'000);
  const Exported whole = exported(ExportFormat::kPcapNanoseconds);
  EXPECT_EQ(whole.packets, 9'000u);
  const std::vector<std::uint32_t> numbers = numbers_of(whole.bytes);
  ASSERT_EQ(numbers.size(), 9'000u);
  EXPECT_TRUE(std::ranges::is_sorted(numbers));
  const Exported part = exported(ExportFormat::kPcapNanoseconds, {time_of(1'234), time_of(5'678)});
  const std::vector<std::uint32_t> between = numbers_of(part.bytes);
  ASSERT_EQ(between.size(), 5'678u - 1'234u);
  EXPECT_EQ(between.front(), 1'234u);
  EXPECT_EQ(between.back(), 5'677u) << "the end of the range is not in it";
}

TEST_F(PacketExportTest, PartsAreBounded) {
  record(30'000);
  const Exported whole = exported(ExportFormat::kPcapng);
  EXPECT_GT(whole.parts, 5u);
  EXPECT_LT(whole.largest_part, PacketExport::kPartBytes + 2 * SegmentIndex::kChunkBytes);
}

TEST_F(PacketExportTest, AFilterAndALimitChoose) {
  record(2'000);
  const Exported some = exported(ExportFormat::kPcapNanoseconds, {}, "number inner captured_length = 77", 10);
  EXPECT_EQ(some.packets, 10u);
  const std::vector<std::uint32_t> numbers = numbers_of(some.bytes);
  ASSERT_EQ(numbers.size(), 10u);
  for (std::size_t place = 0; place < numbers.size(); ++place) EXPECT_EQ(numbers[place], 37 + 61 * place);
  EXPECT_EQ(exported(ExportFormat::kPcapNanoseconds, {}, {}, 0).bytes.size(), 24u);
}

TEST_F(PacketExportTest, AnEmptyExportIsAWholeFile) {
  EXPECT_EQ(exported(ExportFormat::kPcap).bytes.size(), 24u);
  EXPECT_TRUE(exported(ExportFormat::kJson).bytes.empty());
  EXPECT_GT(exported(ExportFormat::kCsv).bytes.size(), 100u) << "the line of names";
  EXPECT_GT(exported(ExportFormat::kPcapng).bytes.size(), 28u) << "the section header";
}

TEST_F(PacketExportTest, SeveralLinkTypesAreRefusedBeforeTheFirstByte) {
  record_two_link_types(100);
  const Exported refused = exported(ExportFormat::kPcap);
  ASSERT_TRUE(refused.error);
  EXPECT_EQ(refused.error->code, "several_link_types");
  EXPECT_FALSE(refused.bytes_before_error);
  const Exported one = exported(ExportFormat::kPcap, {}, "text inner interface equals 75706c696e6b");
  EXPECT_FALSE(one.error) << "all that pass are of one type";
  EXPECT_EQ(one.packets, 50u);
  EXPECT_EQ(exported(ExportFormat::kPcap, {}, {}, 1).packets, 1u);
  EXPECT_EQ(exported(ExportFormat::kPcapng).packets, 100u);
}

TEST_F(PacketExportTest, TheOpenSegmentIsIncluded) {
  SegmentWriter writer(config);
  ASSERT_TRUE(writer.open(kStart).ok());
  append_batch(writer, kStart, 0, 10);
  writer.tick(kStart + kSecondNs);
  EXPECT_EQ(exported(ExportFormat::kPcapng).packets, 10u);
  EXPECT_TRUE(writer.close(kStart).ok());
}

TEST_F(PacketExportTest, TheOpenSegmentOfAnotherProcessIsReadAsFarAsItIsWritten) {
  config.max_segment_bytes = 256 * 1024;
  record(9'000);
  const std::uint64_t last = list_segment_files(config.directory).value().complete.back();
  ASSERT_EQ(rename(files().complete(last).c_str(), files().open(last).c_str()), 0);
  std::vector<std::byte> bytes = testing::read_bytes(files().open(last));
  bytes.resize(bytes.size() - 200);  // within the last packet: its statistics have gone, too
  testing::write_bytes(files().open(last), bytes);
  PacketExport packets = exporting(ExportFormat::kJson);
  const Exported rest = run(packets);
  EXPECT_GT(rest.packets, 8'990u);
  EXPECT_LT(rest.packets, 9'000u);
  EXPECT_EQ(packets.scan().failure_count(), 0u);
  const std::string id = "\"1-c0ffee01-" + std::to_string(last) + "-0\"";
  const std::string text(reinterpret_cast<const char*>(rest.bytes.data()), rest.bytes.size());
  EXPECT_NE(text.find(id), std::string::npos);
}

TEST_F(PacketExportTest, ASegmentThatIsEvictedWhileItIsReadIsReadToItsEnd) {
  config.max_segment_bytes = 1 << 20;
  record(30'000);
  PacketExport packets = exporting(ExportFormat::kPcapNanoseconds);
  Buffer first;
  ASSERT_TRUE(packets.next(first, kRunning).ok());
  ASSERT_LT(packets.packets(), 5'000u);
  const std::vector<std::uint64_t> sequences = list_segment_files(config.directory).value().complete;
  ASSERT_GE(sequences.size(), 3u);
  const std::uint64_t second_packets = read_index_header(files().index(sequences[1])).index.summary.packets;
  for (const std::uint64_t sequence : {sequences[0], sequences[1]}) {
    unlink(files().complete(sequence).c_str());
    unlink(files().index(sequence).c_str());
  }
  const Exported rest = run(packets);
  EXPECT_FALSE(rest.error);
  EXPECT_EQ(rest.packets, 30'000u - second_packets);
  EXPECT_EQ(packets.scan().evicted_segments(), 1u);
}

TEST_F(PacketExportTest, DamagedSegmentsAreToldAndTheOthersExported) {
  config.max_segment_bytes = 256 * 1024;
  record(9'000);
  const std::vector<std::uint64_t> sequences = list_segment_files(config.directory).value().complete;
  const std::uint64_t lost = read_index_header(files().index(sequences[0])).index.summary.packets;
  testing::write_bytes(files().index(sequences[0]), {});
  PacketExport packets = exporting(ExportFormat::kPcapng);
  EXPECT_EQ(run(packets).packets, 9'000u - lost);
  ASSERT_EQ(packets.scan().failure_count(), 1u);
  EXPECT_EQ(packets.scan().failures().front().code, "segment_damaged");
}

TEST_F(PacketExportTest, ACancelledExportStopsWithoutAnEnd) {
  record(30'000);
  PacketExport packets = exporting(ExportFormat::kPcapng);
  Buffer first;
  ASSERT_TRUE(packets.next(first, kRunning).ok());
  const std::atomic<bool> cancelled{true};
  Buffer nothing;
  ASSERT_TRUE(packets.next(nothing, cancelled).ok());
  EXPECT_TRUE(nothing.empty());
  EXPECT_FALSE(packets.done());
}

TEST_F(PacketExportTest, MeasuredSizesAreThoseOfTheFiles) {
  record_two_link_types(500);
  for (const std::string filter :
       {"text inner interface equals 75706c696e6b", "number inner captured_length = 1"}) {
    ExportOptions options;
    options.filter = filter_of(filter);
    ExportMeasure measure(std::move(scan_segments(config.directory, {}).value()), options);
    while (measure.next(kRunning).value()) {
    }
    EXPECT_EQ(measure.sizes().pcap, exported(ExportFormat::kPcap, {}, filter).bytes.size());
    EXPECT_EQ(measure.sizes().pcapng, exported(ExportFormat::kPcapng, {}, filter).bytes.size());
    EXPECT_EQ(measure.sizes().json, exported(ExportFormat::kJson, {}, filter).bytes.size());
    EXPECT_EQ(measure.sizes().csv, exported(ExportFormat::kCsv, {}, filter).bytes.size());
    EXPECT_EQ(measure.packets(), exported(ExportFormat::kCsv, {}, filter).packets);
  }
  ExportMeasure measure(std::move(scan_segments(config.directory, {}).value()), {});
  while (measure.next(kRunning).value()) {
  }
  EXPECT_FALSE(measure.sizes().pcap) << "two link types";
}

std::string text_of(const Buffer& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST_F(PacketExportTest, LinesTellWhatARowTells) {
  const PacketBuilder builder =
      PacketBuilder(20).tcp(1000, 443, 0x12).ipv4(6).vlan(7, 0x0800).ethernet(0x8100);
  PacketView view = testing::view_of(builder.bytes());
  view.timestamp_ns = kStart + 1;
  const std::vector<InterfaceInfo> interfaces = {{"up\"\\\x01\xff,\xc3\xa4", LinkType::kEthernet, 0}};
  {
    SegmentWriter writer(config);
    ASSERT_TRUE(writer.open(kStart).ok());
    writer.begin_batch(kStart);
    writer.append(view, interfaces);
    ASSERT_TRUE(writer.close(kStart).ok());
  }
  EXPECT_EQ(text_of(exported(ExportFormat::kJson).bytes),
            "{\"id\":\"1-c0ffee01-1-0\",\"time_ns\":\"1700000000000000001\",\"captured_length\":78,"
            "\"original_length\":78,\"interface\":\"up\\\"\\\\\\u0001\xef\xbf\xbd,\xc3\xa4\","
            "\"link_type\":\"Ethernet (1)\",\"protocol\":\"tcp\",\"src_addr\":\"192.0.2.1\","
            "\"dst_addr\":\"198.51.100.2\",\"src_port\":1000,\"dst_port\":443,\"vlan_id\":7,\"overlay\":null,"
            "\"tenant_id\":null,\"outer_src_addr\":null,\"outer_dst_addr\":null,\"decode_status\":\"ok\"}\n");
  EXPECT_EQ(
      text_of(exported(ExportFormat::kCsv).bytes),
      "id,time_ns,captured_length,original_length,interface,link_type,protocol,src_addr,dst_addr,src_port,"
      "dst_port,vlan_id,overlay,tenant_id,outer_src_addr,outer_dst_addr,decode_status\n"
      "1-c0ffee01-1-0,1700000000000000001,78,78,\"up\"\"\\\x01\xff,\xc3\xa4\",Ethernet (1),tcp,192.0.2.1,"
      "198.51.100.2,1000,443,7,,,,,ok\n");
}

TEST_F(PacketExportTest, FilesAreScannedOneBehindTheOther) {
  record(100);
  const std::string file = config.directory + "/one.pcapng";
  testing::write_bytes(file, exported(ExportFormat::kPcapng).bytes);
  auto scan = scan_files({file, config.directory + "/missing.pcap", file}, {time_of(10), time_of(20)});
  ASSERT_TRUE(scan.ok());
  ExportOptions options;
  options.format = ExportFormat::kPcapNanoseconds;
  PacketExport packets(std::move(scan.value()), options);
  const Exported both = run(packets);
  std::vector<std::uint32_t> expected;
  for (std::uint32_t number = 0; number < 20; ++number) expected.push_back(10 + number % 10);
  EXPECT_EQ(numbers_of(both.bytes), expected);
  ASSERT_EQ(packets.scan().failure_count(), 1u);
  EXPECT_EQ(packets.scan().failures().front().code, "input_unreadable");
  EXPECT_EQ(scan_files({"/nowhere.pcap"}, {}).error().code, "input_unreadable");
}

TEST_F(PacketExportTest, ForeignReadersReadEveryFormat) {
  if (!testing::installed("capinfos")) GTEST_SKIP() << "capinfos is not installed";
  record_two_link_types(100);
  const std::string pcapng = config.directory + "/all.pcapng";
  testing::write_bytes(pcapng, exported(ExportFormat::kPcapng).bytes);
  const std::string told = testing::run_command("capinfos -M -c -I " + pcapng);
  EXPECT_NE(told.find("Number of packets:   100"), std::string::npos) << told;
  EXPECT_NE(told.find("Number of interfaces in file: 2"), std::string::npos) << told;
  EXPECT_NE(told.find("Name = uplink"), std::string::npos) << told;
  for (const ExportFormat format : {ExportFormat::kPcap, ExportFormat::kPcapNanoseconds}) {
    const std::string pcap = config.directory + "/one.pcap";
    testing::write_bytes(pcap, exported(format, {}, "text inner interface equals 75706c696e6b").bytes);
    const std::string count = testing::run_command("capinfos -M -c -t " + pcap);
    EXPECT_NE(count.find("Number of packets:   50"), std::string::npos) << count;
    const bool is_ns = count.find("nsec") != std::string::npos;
    EXPECT_EQ(is_ns, format == ExportFormat::kPcapNanoseconds) << count;
  }
}

}  // namespace
}  // namespace wireglass
