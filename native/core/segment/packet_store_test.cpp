#include "segment/packet_store.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "decode/testing/packet_builder.hpp"
#include "segment/segment_index.hpp"
#include "segment/segment_publication.hpp"
#include "segment/testing/segment_fixture.hpp"

namespace wireglass {
namespace {

using ::testing::HasSubstr;
using testing::kSensor;
using testing::kStart;
using testing::TestPacket;

class PacketStoreTest : public testing::SegmentTest {
 protected:
  static void expect_error(const Result<StoredPacket>& result, std::string_view code,
                           const std::string& part) {
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, code);
    EXPECT_THAT(result.error().message, HasSubstr(part));
  }
};

TEST_F(PacketStoreTest, EveryPacketOfSeveralSegmentsIsFoundByItsId) {
  config.max_segment_bytes = 200'000;
  const auto ids = record(10'000);
  EXPECT_GT(ids.back().segment, 4u);
  const PacketStore store(config.directory);
  for (std::uint32_t number = 0; number < ids.size(); ++number) {
    const auto packet = store.read(ids[number]);
    ASSERT_TRUE(packet.ok()) << packet.error().message;
    testing::expect_is_packet(packet.value(), number);
    if (HasFailure()) return;
  }
}

TEST_F(PacketStoreTest, AnEmptyOrMissingDirectoryHoldsNothing) {
  const PacketStore store(directory.path() + "/nowhere");
  expect_error(store.read({kSensor, 1, 0}), "packet_not_found", "no segment 1");
  EXPECT_TRUE(store.list({}).value().empty());
  EXPECT_TRUE(store.segments().value().empty());
  EXPECT_EQ(store.totals().value().packets, 0u);
  EXPECT_FALSE(store.totals().value().first_ns);
}

TEST_F(PacketStoreTest, IdsThatNeverWereAreNotFound) {
  record(10);
  const PacketStore store(config.directory);
  expect_error(store.read({kSensor, 1, 10}), "packet_not_found", "holds 10 packets");
  expect_error(store.read({kSensor, 2, 0}), "packet_not_found", "no segment 2");
  expect_error(store.read({kSensor + 1, 1, 0}), "packet_not_found", "sensor c0ffee02 recorded it");
}

TEST_F(PacketStoreTest, TheOpenSegmentIsReadThroughItsWriter) {
  SegmentWriter writer(config);
  ASSERT_TRUE(writer.open(kStart).ok());
  append_batch(writer, kStart, 0, 3000);
  writer.tick(kStart + kSecondNs);
  const PacketStore store(config.directory);
  for (std::uint32_t number = 0; number < 3000; ++number) {
    const auto packet = store.read({kSensor, 1, number});
    ASSERT_TRUE(packet.ok()) << packet.error().message;
    testing::expect_is_packet(packet.value(), number);
  }
  const auto rows = store.segments();
  ASSERT_EQ(rows.value().size(), 1u);
  EXPECT_TRUE(rows.value()[0].open);
  EXPECT_EQ(rows.value()[0].packets, 3000u);
}

TEST_F(PacketStoreTest, WithoutAWriterAnOpenSegmentIsNotRead) {
  record(10);
  std::filesystem::rename(files().complete(1), files().open(1));
  const PacketStore store(config.directory);
  EXPECT_TRUE(store.list({}).value().empty());
  expect_error(store.read({kSensor, 1, 0}), "packet_not_found", "no segment 1");
}

TEST_F(PacketStoreTest, AReaderThatNobodyServesGetsWhatIsWritten) {
  SegmentWriter writer(config);
  ASSERT_TRUE(writer.open(kStart).ok());
  append_batch(writer, kStart, 0, 10);
  writer.tick(kStart + kSecondNs);
  append_batch(writer, kStart, 10, 5);
  const PacketStore store(config.directory);
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(store.list({}).value().size(), 10u);
  const auto waited = std::chrono::steady_clock::now() - before;
  EXPECT_GE(waited, SegmentPublication::kFlushWait);
  EXPECT_LT(waited, 10 * SegmentPublication::kFlushWait);
}

TEST_F(PacketStoreTest, ListsTheNewestFirstAndGoesOnBeforeACursor) {
  config.max_segment_bytes = 150'000;
  const auto ids = record(5000);
  ASSERT_GT(ids.back().segment, 2u);
  const PacketStore store(config.directory);
  PacketListing listing;
  listing.limit = 999;
  std::uint32_t number = 5000;
  while (true) {
    const auto page = store.list(listing);
    ASSERT_TRUE(page.ok()) << page.error().message;
    for (const StoredPacket& packet : page.value()) {
      --number;
      testing::expect_is_packet(packet, number);
      EXPECT_EQ(packet.id.to_string(), ids[number].to_string());
    }
    if (page.value().size() < listing.limit) break;
    listing.before = page.value().back().id;
  }
  EXPECT_EQ(number, 0u);
}

TEST_F(PacketStoreTest, ListsExactlyATimeRange) {
  config.max_segment_bytes = 150'000;
  record(5000);
  const PacketStore store(config.directory);
  for (const auto& [from, to] : std::vector<std::pair<std::uint32_t, std::uint32_t>>{
           {0, 0}, {10, 20}, {4999, 4999}, {2000, 2700}, {4500, 4999}}) {
    PacketListing listing;
    listing.limit = 1000;
    listing.from_ns = TestPacket(from).view.timestamp_ns;
    listing.to_ns = TestPacket(to).view.timestamp_ns;
    const auto page = store.list(listing);
    ASSERT_TRUE(page.ok()) << page.error().message;
    ASSERT_EQ(page.value().size(), to - from + 1);
    testing::expect_is_packet(page.value().front(), to);
    testing::expect_is_packet(page.value().back(), from);
  }
  PacketListing nothing;
  nothing.from_ns = TestPacket(5000).view.timestamp_ns;
  EXPECT_TRUE(store.list(nothing).value().empty());
}

PacketFilter filter_of(const std::string& body) {
  Result<PacketFilter> filter = PacketFilter::compile("packet_filter_1 " + body);
  EXPECT_TRUE(filter.ok()) << body;
  return std::move(filter.value());
}

TEST_F(PacketStoreTest, ListsWhatAFilterPassesAndGoesOnWhereABoundedReadingEnded) {
  config.max_segment_bytes = 256 * 1024;
  const std::vector<PacketId> ids = record(9'000);
  // Lengths are 40 + number % 61; all are of the interface "uplink".
  PacketListing listing;
  listing.limit = 7;
  listing.filter = filter_of("and 2 number inner captured_length = 77 text inner interface begins 7570");
  listing.max_scanned_bytes = 100'000;
  const PacketStore store(config.directory);
  std::vector<std::uint32_t> found;
  std::size_t pages = 0;
  do {
    const auto page = store.page(listing);
    ASSERT_TRUE(page.ok()) << page.error().message;
    EXPECT_LE(page.value().packets.size(), listing.limit);
    for (const StoredPacket& packet : page.value().packets) {
      found.push_back(static_cast<std::uint32_t>((packet.timestamp_ns - kStart) / 1'001'003));
    }
    listing.before = page.value().next_before;
    ++pages;
  } while (listing.before);
  std::vector<std::uint32_t> expected;
  for (std::uint32_t number = 9'000; number-- != 0;)
    if (number % 61 == 37) expected.push_back(number);
  EXPECT_EQ(found, expected);
  EXPECT_GT(pages, expected.size() / listing.limit);

  listing.before.reset();
  listing.limit = 100;
  EXPECT_EQ(store.list(listing).value().size(), 100U) << "a list is no page: it is read to its end";
}

TEST_F(PacketStoreTest, TheLastPageSaysThatItIsTheLast) {
  record(20);
  PacketListing listing;
  listing.limit = 10;
  const PacketStore store(config.directory);
  auto page = store.page(listing);
  ASSERT_TRUE(page.ok() && page.value().next_before);
  listing.before = page.value().next_before;
  page = store.page(listing);
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page.value().packets.size(), 10u);
  EXPECT_FALSE(page.value().next_before);
}

TEST_F(PacketStoreTest, RefusesLimitsOutsideOfItsRange) {
  const PacketStore store(config.directory);
  for (const std::size_t limit : {std::size_t{0}, std::size_t{1001}}) {
    PacketListing listing;
    listing.limit = limit;
    EXPECT_EQ(store.list(listing).error().code, "bad_argument");
  }
}

TEST_F(PacketStoreTest, ADamagedSegmentIsNamedAndDoesNotHideTheOthers) {
  config.max_segment_bytes = 1;
  record(3, 1);
  std::filesystem::remove(files().index(2));
  const PacketStore store(config.directory);
  PacketListing listing;
  listing.limit = 1;
  EXPECT_EQ(store.list(listing).value().size(), 1u);
  listing.limit = 3;
  const auto page = store.list(listing);
  ASSERT_FALSE(page.ok());
  EXPECT_EQ(page.error().code, "segment_damaged");
  EXPECT_THAT(page.error().message, HasSubstr("segment-000000000002.index"));
  listing.before = PacketId{kSensor, 2, 0};
  EXPECT_EQ(store.list(listing).value().size(), 1u);
  const auto totals = store.totals();
  EXPECT_EQ(totals.value().segments, 3u);
  EXPECT_EQ(totals.value().damaged_segments, 1u);
  EXPECT_EQ(totals.value().packets, 2u);
  EXPECT_NE(store.segments().value()[1].damage, "");
}

TEST_F(PacketStoreTest, TotalsAreThoseOfThePackets) {
  config.max_segment_bytes = 100'000;
  record(4000);
  const PacketStore store(config.directory);
  const auto totals = store.totals();
  ASSERT_TRUE(totals.ok());
  EXPECT_EQ(totals.value().packets, 4000u);
  EXPECT_EQ(totals.value().first_ns, TestPacket(0).view.timestamp_ns);
  EXPECT_EQ(totals.value().last_ns, TestPacket(3999).view.timestamp_ns);
  std::uint64_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(config.directory)) {
    if (file.path().extension() == ".pcapng") bytes += file.file_size();
  }
  EXPECT_EQ(totals.value().file_bytes, bytes);
}

TEST_F(PacketStoreTest, EvictedPacketsSayWhenAndWhy) {
  config.max_segment_bytes = 20'000;
  config.max_total_bytes = 70'000;
  const auto ids = record(3000);
  const PacketStore store(config.directory);
  std::uint64_t kept = 0;
  std::uint64_t gone = 0;
  for (const PacketId& id : ids) {
    const auto packet = store.read(id);
    if (packet.ok()) {
      ++kept;
      continue;
    }
    ++gone;
    expect_error(packet, "packet_evicted", "2023-11-14T22:13:20Z (max_total_bytes)");
    EXPECT_EQ(kept, 0u) << "an older packet outlived a newer one";
  }
  EXPECT_GT(gone, 1000u);
  EXPECT_EQ(store.totals().value().packets, kept);
  std::uint64_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(config.directory)) {
    if (file.path().filename() != "evicted.jsonl") bytes += file.file_size();
  }
  EXPECT_LE(bytes, config.max_total_bytes);
  expect_error(store.read({kSensor, 1, 1'000'000}), "packet_not_found", "its segment held");
  expect_error(store.read({kSensor + 1, 1, 0}), "packet_not_found", "here is sensor c0ffee01");
}

TEST_F(PacketStoreTest, AnEvictionThatACrashInterruptedIsFinished) {
  config.max_segment_bytes = 1;
  record(3, 1);
  testing::write_bytes(files().eviction_log(), {});
  std::ofstream(files().eviction_log())
      << R"({"sequence":1,"evicted_at_ns":"1700000000000000000","reason":"max_total_bytes","packets":1,"sensor":3237998081})"
      << '\n';
  const PacketStore store(config.directory);
  EXPECT_TRUE(store.read({kSensor, 1, 0}).ok());
  SegmentWriter writer(config);
  ASSERT_TRUE(writer.open(kStart).ok());
  expect_error(store.read({kSensor, 1, 0}), "packet_evicted", "max_total_bytes");
  EXPECT_FALSE(std::filesystem::exists(files().index(1)));
  EXPECT_TRUE(store.read({kSensor, 2, 0}).ok());
}

TEST_F(PacketStoreTest, AReplacedSegmentIsNotReadByTheOldLayout) {
  record(50);
  const PacketStore store(config.directory);
  ASSERT_TRUE(store.read({kSensor, 1, 49}).ok());
  std::filesystem::remove_all(config.directory);
  record(20);
  EXPECT_TRUE(store.read({kSensor, 1, 19}).ok());
  expect_error(store.read({kSensor, 1, 49}), "packet_not_found", "holds 20 packets");
}

TEST_F(PacketStoreTest, ListsOnlyLispWhenAsked) {
  using testing::PacketBuilder;
  const auto packet = [](unsigned port, bool with_lisp_header) {
    PacketBuilder builder(16);
    builder.udp(5000, 6000).ipv4(17);
    if (with_lisp_header) builder.front({0x08, 0, 0, 0, 0, 0, 7, 0});
    return builder.udp(61000, port).ipv4(17).front({2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0});
  };
  std::vector<PacketBuilder> packets;
  for (int round = 0; round < 3; ++round) {
    packets.push_back(packet(53, false));
    packets.push_back(packet(4341, true));
    packets.push_back(packet(4999, true));
  }
  SegmentWriter writer(config);
  ASSERT_TRUE(writer.open(kStart).ok());
  writer.begin_batch(kStart);
  for (const PacketBuilder& builder : packets) {
    PacketView view;
    view.data = builder.bytes().data();
    view.captured_length = view.original_length = static_cast<std::uint32_t>(builder.bytes().size());
    writer.append(view, testing::test_interfaces());
  }
  ASSERT_TRUE(writer.close(kStart).ok());
  PacketListing listing;
  listing.kind = PacketKind::kLisp;
  const auto ordinals = [&](const DecoderConfig& decoder) {
    std::vector<std::uint32_t> found;
    const auto page = PacketStore(config.directory, decoder).list(listing);
    for (const StoredPacket& stored : page.value()) {
      found.push_back(stored.id.ordinal);
    }
    return found;
  };
  EXPECT_THAT(ordinals({}), ::testing::ElementsAre(7u, 4u, 1u));
  DecoderConfig other_port;
  other_port.set_ports(ProtocolId::kLisp, std::array<std::uint16_t, 1>{4999});
  EXPECT_THAT(ordinals(other_port), ::testing::ElementsAre(8u, 5u, 2u));
}

/// One writer, several readers: what was appended before a read began is in it, and never anything wrong.
TEST_F(PacketStoreTest, ReadersSeeEveryPacketWhileTheWriterWrites) {
  config.max_segment_bytes = 300'000;
  constexpr std::uint32_t kPackets = 40'000;
  std::vector<std::atomic<std::uint64_t>> id_of(kPackets);  // segment << 32 | ordinal, 0: not appended
  std::atomic<std::uint32_t> appended{0};
  std::atomic<bool> failed{false};
  std::atomic<int> reading{2};
  SegmentWriter writer(config);
  ASSERT_TRUE(writer.open(kStart).ok());
  const auto read_on = [&](std::uint32_t seed) {
    const PacketStore store(config.directory);
    std::uint32_t random = seed;
    while (!failed && appended < kPackets) {
      const std::uint32_t count = appended;
      if (count == 0) continue;
      random = random * 1664525u + 1013904223u;
      const std::uint32_t number = random % 4 == 0 ? count - 1 : random % count;
      const std::uint64_t place = id_of[number];
      const auto packet = store.read({kSensor, place >> 32, static_cast<std::uint32_t>(place)});
      if (!packet.ok() || packet.value().data != TestPacket(number).data) {
        ADD_FAILURE() << number << ": " << (packet.ok() ? "other bytes" : packet.error().message);
        failed = true;
      }
      PacketListing listing;
      listing.limit = 5;
      const auto page = store.list(listing);
      if (!page.ok() || page.value().size() < std::min<std::size_t>(5, count) ||
          page.value()[0].timestamp_ns < TestPacket(count - 1).view.timestamp_ns) {
        ADD_FAILURE() << "the newest of " << count << ": " << (page.ok() ? "missing" : page.error().message);
        failed = true;
      }
    }
    --reading;
  };
  std::thread first(read_on, 1);
  std::thread second(read_on, 2);
  std::uint64_t segment = 0;
  std::uint32_t ordinal = 0;
  for (std::uint32_t number = 0; number < kPackets && !failed; ++number) {
    if (number % 100 == 0) {
      writer.tick(kStart + number * kMillisecondNs);
      const std::uint64_t sequence = writer.begin_batch(kStart + number * kMillisecondNs);
      if (sequence != segment) ordinal = 0;
      segment = sequence;
    }
    writer.append(TestPacket(number).view, testing::test_interfaces());
    id_of[number] = segment << 32 | ordinal++;
    appended = number + 1;
  }
  // A reader that began before the last packet waits for the writer to come by.
  while (reading > 0) writer.tick(kStart + kPackets * kMillisecondNs);
  first.join();
  second.join();
  EXPECT_TRUE(writer.close(kStart).ok());
  EXPECT_GT(writer.counters().segments_completed.value(), 10u);
  EXPECT_EQ(PacketStore(config.directory).totals().value().packets, kPackets);
}

}  // namespace
}  // namespace wireglass
