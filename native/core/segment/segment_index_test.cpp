#include "segment/segment_index.hpp"

#include <gmock/gmock.h>

#include <cstring>

#include "segment/testing/segment_fixture.hpp"

namespace wireglass {
namespace {

using testing::kSensor;
using testing::kStart;

SegmentIndex index_of(std::uint32_t packets, std::uint64_t block_bytes) {
  SegmentIndex index;
  index.summary.sensor = kSensor;
  index.summary.sequence = 9;
  index.interface_offsets = {48};
  std::uint64_t offset = 80;
  for (std::uint32_t packet = 0; packet < packets; ++packet, offset += block_bytes) {
    index.add_packet(offset, offset + block_bytes, kStart - packet);
  }
  index.summary.file_bytes = offset + 40;
  return index;
}

TEST(SegmentIndex, CutsChunksAtTheFirstPacketBehindEach64KiB) {
  const SegmentIndex index = index_of(3000, 100);
  ASSERT_EQ(index.chunks.size(), 300'080 / SegmentIndex::kChunkBytes + 1);
  std::uint64_t boundary = 0;
  for (const SegmentIndex::Chunk& chunk : index.chunks) {
    EXPECT_GE(chunk.offset, boundary);
    EXPECT_LT(chunk.offset, boundary + 180);
    EXPECT_EQ(chunk.offset, 80 + 100 * chunk.first_ordinal);
    EXPECT_EQ(chunk.max_ns, kStart - static_cast<TimeNs>(chunk.first_ordinal));
    boundary += SegmentIndex::kChunkBytes;
  }
  for (std::uint64_t ordinal = 0; ordinal < 3000; ++ordinal) {
    const std::size_t chunk = index.chunk_of(ordinal);
    ASSERT_LE(index.chunks[chunk].first_ordinal, ordinal);
    ASSERT_GT(index.chunk_last_ordinal(chunk), ordinal);
  }
}

TEST(SegmentIndex, ReadsBackWhatItWrites) {
  const SegmentIndex index = index_of(3000, 100);
  const IndexReading reading = parse_index(index.encode(), "x");
  ASSERT_EQ(reading.damage, IndexDamage::kNone) << reading.error.message;
  EXPECT_EQ(reading.index.encode(), index.encode());
  EXPECT_EQ(reading.index.summary.min_ns, kStart - 2999);
  EXPECT_EQ(reading.index.summary.max_ns, kStart);
}

TEST(SegmentIndex, TheFormatIsTheDocumentedOne) {
  const std::vector<std::byte> bytes = index_of(1, 100).encode();
  ASSERT_EQ(bytes.size(), SegmentIndex::kHeaderBytes + 8 + SegmentIndex::kChunkEntryBytes);
  EXPECT_EQ(std::memcmp(bytes.data(), "WGINDEX\n\x01\0\0\0\x01\xee\xff\xc0\x09\0", 18), 0);
}

TEST(SegmentIndex, AnySingleBitThatFlipsIsNoticed) {
  const std::vector<std::byte> bytes = index_of(3000, 100).encode();
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::vector<std::byte> flipped = bytes;
    flipped[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
    const IndexReading reading = parse_index(flipped, "some/file");
    ASSERT_NE(reading.damage, IndexDamage::kNone) << "bit " << bit;
    EXPECT_EQ(reading.error.code, "segment_damaged");
    EXPECT_THAT(reading.error.message, ::testing::StartsWith("some/file, offset "));
    EXPECT_EQ(reading.damage == IndexDamage::kForeign, bit < 96) << "bit " << bit;
  }
}

TEST(SegmentIndex, AnyLengthButItsOwnIsRefused) {
  std::vector<std::byte> bytes = index_of(300, 1000).encode();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(parse_index(std::span(bytes).first(size), "x").damage, IndexDamage::kBroken);
  }
  bytes.push_back({});
  EXPECT_EQ(parse_index(bytes, "x").damage, IndexDamage::kBroken);
}

TEST(SegmentIndex, TablesThatContradictThemselvesAreRefusedWhateverTheChecksum) {
  for (const auto& spoil : std::vector<void (*)(SegmentIndex&)>{
           [](SegmentIndex& bad) { bad.chunks.clear(); },
           [](SegmentIndex& bad) { bad.interface_offsets.clear(); },
           [](SegmentIndex& bad) { bad.interface_offsets = {48, 48}; },
           [](SegmentIndex& bad) { bad.interface_offsets = {~0ull}; },
           [](SegmentIndex& bad) { bad.chunks[0].first_ordinal = 1; },
           [](SegmentIndex& bad) { bad.chunks[1].first_ordinal = 0; },
           [](SegmentIndex& bad) { bad.chunks[1].offset = bad.chunks[2].offset; },
           [](SegmentIndex& bad) { bad.chunks.back().offset = bad.summary.packets_end; },
           [](SegmentIndex& bad) { bad.chunks.back().first_ordinal = bad.summary.packets; },
           [](SegmentIndex& bad) { bad.summary.packets = 0; },
           [](SegmentIndex& bad) { bad.summary.packets = 1ull << 32; },
           [](SegmentIndex& bad) { bad.summary.file_bytes = bad.summary.packets_end - 1; }}) {
    SegmentIndex bad = index_of(3000, 100);
    spoil(bad);
    EXPECT_EQ(parse_index(bad.encode(), "x").damage, IndexDamage::kBroken);
  }
}

class HostileSegmentTest : public testing::SegmentTest {};

/// Reads everything there is to read; answers may be errors, but must be answers.
void read_everything(const std::string& directory) {
  const PacketStore store(directory);
  for (std::uint32_t ordinal = 0; ordinal < 40; ordinal += 7) {
    const auto packet = store.read({kSensor, 1, ordinal});
    if (!packet.ok()) {
      EXPECT_THAT(packet.error().code, ::testing::AnyOf("segment_damaged", "packet_not_found"));
    }
  }
  for (const PacketKind kind : {PacketKind::kAny, PacketKind::kLisp}) {
    PacketListing listing;
    listing.kind = kind;
    const auto page = store.list(listing);
    if (!page.ok()) {
      EXPECT_EQ(page.error().code, "segment_damaged");
    }
  }
  EXPECT_TRUE(store.totals().ok());
}

TEST_F(HostileSegmentTest, DamageAnywhereIsAnAnswerNotACrash) {
  record(40);
  const std::vector<std::byte> segment = testing::read_bytes(files().complete(1));
  const std::vector<std::byte> index = testing::read_bytes(files().index(1));
  std::uint32_t random = 20260;
  const auto next = [&] { return random = random * 1664525u + 1013904223u; };
  for (int round = 0; round < 1500; ++round) {
    const bool in_index = round % 3 == 0;
    std::vector<std::byte> damaged = in_index ? index : segment;
    for (std::uint32_t flips = 1 + next() / 7 % 4; flips != 0; --flips) {
      damaged[(next() >> 8) % damaged.size()] = static_cast<std::byte>(next() >> 20);
    }
    if (round % 5 == 0) damaged.resize((next() >> 8) % damaged.size());
    testing::write_bytes(in_index ? files().index(1) : files().complete(1), damaged);
    testing::write_bytes(in_index ? files().complete(1) : files().index(1), in_index ? segment : index);
    read_everything(config.directory);
    if (round % 4 == 0) {
      if (round % 8 == 0) std::filesystem::rename(files().complete(1), files().open(1));
      SegmentWriter writer(config);
      ASSERT_TRUE(writer.open(kStart).ok());
      ASSERT_TRUE(writer.close(kStart).ok());
      read_everything(config.directory);
    }
    if (HasFailure()) FAIL() << "round " << round;
  }
}

}  // namespace
}  // namespace wireglass
