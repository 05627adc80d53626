#include "segment/segment_index.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <system_error>

#include "pcapng/pcapng_format.hpp"

namespace wireglass {
namespace {

constexpr std::array<char, 8> kMagic = {'W', 'G', 'I', 'N', 'D', 'E', 'X', '\n'};
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeaderCrcOffset = SegmentIndex::kHeaderBytes - 4;
constexpr std::size_t kBodyCrcOffset = SegmentIndex::kHeaderBytes - 8;

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit)
      remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? 0xEDB88320u : 0u);
    table[byte] = remainder;
  }
  return table;
}
constexpr std::array<std::uint32_t, 256> kCrcTable = make_crc_table();

/// CRC-32 as in IEEE 802.3.
std::uint32_t crc32(std::span<const std::byte> bytes) {
  std::uint32_t remainder = 0xffffffff;
  for (const std::byte byte : bytes) {
    remainder = (remainder >> 8) ^ kCrcTable[(remainder ^ std::to_integer<std::uint32_t>(byte)) & 0xff];
  }
  return ~remainder;
}

template <class Number>
void append(std::vector<std::byte>& out, Number value) {
  out.resize(out.size() + sizeof(Number));
  store_little_endian(out.data() + out.size() - sizeof(Number), value);
}

IndexReading refused(IndexDamage damage, Error error) {
  IndexReading reading;
  reading.damage = damage;
  reading.error = std::move(error);
  return reading;
}

IndexReading broken(const std::string& path, std::uint64_t offset, const std::string& expectation) {
  return refused(IndexDamage::kBroken, segment_damaged(path, offset, expectation));
}

/// The tables must rise and stay within the segment; what reads by them relies on it.
bool tables_are_consistent(const SegmentIndex& index) {
  const SegmentIndex::Summary& summary = index.summary;
  if (index.chunks.empty() || index.chunks.front().first_ordinal != 0) return false;
  std::uint64_t offset = 0;
  for (const std::uint64_t interface_offset : index.interface_offsets) {
    if (interface_offset <= offset) return false;
    offset = interface_offset;
  }
  if (index.interface_offsets.empty() || offset >= summary.packets_end) return false;
  for (std::size_t chunk = 1; chunk < index.chunks.size(); ++chunk) {
    const SegmentIndex::Chunk& before = index.chunks[chunk - 1];
    const SegmentIndex::Chunk& here = index.chunks[chunk];
    if (here.offset <= before.offset || here.first_ordinal <= before.first_ordinal) return false;
  }
  return index.chunks.back().offset < summary.packets_end &&
         index.chunks.back().first_ordinal < summary.packets && summary.packets_end <= summary.file_bytes;
}

IndexReading read_file(const std::string& path, bool header_only) {
  const FileDescriptor file = open_file(path, O_RDONLY);
  if (!file.valid()) {
    const int reason = errno;
    return refused(reason == ENOENT ? IndexDamage::kMissing : IndexDamage::kBroken,
                   segment_damaged(path, 0, "an index, but: " + std::generic_category().message(reason)));
  }
  struct stat status{};
  if (fstat(file.get(), &status) != 0) return broken(path, 0, "a file that can be read");
  auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > SegmentIndex::kMaxFileBytes)
    return broken(path, SegmentIndex::kMaxFileBytes, "the end of the index");
  if (header_only) size = std::min<std::uint64_t>(size, SegmentIndex::kHeaderBytes);
  std::vector<std::byte> bytes(size);
  const ssize_t got = read_at(file, bytes, 0);
  if (got < 0) return broken(path, 0, "a file that can be read");
  bytes.resize(static_cast<std::size_t>(got));
  return header_only ? parse_index_header(bytes, path) : parse_index(bytes, path);
}

}  // namespace

void SegmentIndex::add_packet(std::uint64_t offset, std::uint64_t end, TimeNs timestamp_ns) {
  if (chunks.empty() || offset / kChunkBytes != chunks.back().offset / kChunkBytes) {
    chunks.push_back({offset, summary.packets, timestamp_ns, timestamp_ns});
  } else {
    Chunk& chunk = chunks.back();
    chunk.min_ns = std::min(chunk.min_ns, timestamp_ns);
    chunk.max_ns = std::max(chunk.max_ns, timestamp_ns);
  }
  if (summary.packets == 0) {
    summary.min_ns = timestamp_ns;
    summary.max_ns = timestamp_ns;
  } else {
    summary.min_ns = std::min(summary.min_ns, timestamp_ns);
    summary.max_ns = std::max(summary.max_ns, timestamp_ns);
  }
  ++summary.packets;
  summary.packets_end = end;
}

std::size_t SegmentIndex::chunk_of(std::uint64_t ordinal) const {
  const auto next =
      std::upper_bound(chunks.begin(), chunks.end(), ordinal,
                       [](std::uint64_t wanted, const Chunk& chunk) { return wanted < chunk.first_ordinal; });
  return static_cast<std::size_t>(next - chunks.begin()) - 1;
}

std::uint64_t SegmentIndex::chunk_end(std::size_t chunk) const {
  return chunk + 1 < chunks.size() ? chunks[chunk + 1].offset : summary.packets_end;
}

std::uint64_t SegmentIndex::chunk_last_ordinal(std::size_t chunk) const {
  return chunk + 1 < chunks.size() ? chunks[chunk + 1].first_ordinal : summary.packets;
}

std::vector<std::byte> SegmentIndex::encode() const {
  std::vector<std::byte> out;
  out.reserve(kHeaderBytes + interface_offsets.size() * 8 + chunks.size() * kChunkEntryBytes);
  for (const char letter : kMagic) out.push_back(static_cast<std::byte>(letter));
  append(out, kVersion);
  append(out, summary.sensor);
  append(out, summary.sequence);
  append(out, summary.packets);
  append(out, summary.min_ns);
  append(out, summary.max_ns);
  append(out, summary.packets_end);
  append(out, summary.file_bytes);
  append(out, static_cast<std::uint32_t>(chunks.size()));
  append(out, static_cast<std::uint32_t>(interface_offsets.size()));
  append<std::uint64_t>(out, 0);  // both checksums, below
  for (const std::uint64_t offset : interface_offsets) append(out, offset);
  for (const Chunk& chunk : chunks) {
    append(out, chunk.offset);
    append(out, chunk.first_ordinal);
    append(out, chunk.min_ns);
    append(out, chunk.max_ns);
  }
  const std::span<std::byte> bytes(out);
  store_little_endian(out.data() + kBodyCrcOffset, crc32(bytes.subspan(kHeaderBytes)));
  store_little_endian(out.data() + kHeaderCrcOffset, crc32(bytes.first(kHeaderCrcOffset)));
  return out;
}

IndexReading parse_index_header(std::span<const std::byte> bytes, const std::string& path) {
  if (bytes.size() < SegmentIndex::kHeaderBytes)
    return broken(path, bytes.size(), "an index header of 80 bytes");
  if (std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0) {
    return refused(IndexDamage::kForeign, segment_damaged(path, 0, "the magic bytes of an index"));
  }
  const auto version = load_little_endian<std::uint32_t>(bytes.data() + 8);
  if (version != kVersion) {
    return refused(
        IndexDamage::kForeign,
        segment_damaged(
            path, 8, "index version 1, found " + std::to_string(version) + " (written by another release?)"));
  }
  if (load_little_endian<std::uint32_t>(bytes.data() + kHeaderCrcOffset) !=
      crc32(bytes.first(kHeaderCrcOffset))) {
    return broken(path, kHeaderCrcOffset, "the checksum of the header");
  }
  IndexReading reading;
  SegmentIndex::Summary& summary = reading.index.summary;
  summary.sensor = load_little_endian<std::uint32_t>(bytes.data() + 12);
  summary.sequence = load_little_endian<std::uint64_t>(bytes.data() + 16);
  summary.packets = load_little_endian<std::uint64_t>(bytes.data() + 24);
  summary.min_ns = load_little_endian<TimeNs>(bytes.data() + 32);
  summary.max_ns = load_little_endian<TimeNs>(bytes.data() + 40);
  summary.packets_end = load_little_endian<std::uint64_t>(bytes.data() + 48);
  summary.file_bytes = load_little_endian<std::uint64_t>(bytes.data() + 56);
  if (summary.packets > std::numeric_limits<std::uint32_t>::max())
    return broken(path, 24, "at most 2^32 - 1 packets");
  return reading;
}

IndexReading parse_index(std::span<const std::byte> bytes, const std::string& path) {
  IndexReading reading = parse_index_header(bytes, path);
  if (reading.damage != IndexDamage::kNone) return reading;
  const auto chunk_count = load_little_endian<std::uint32_t>(bytes.data() + 64);
  const auto interface_count = load_little_endian<std::uint32_t>(bytes.data() + 68);
  const std::uint64_t size = SegmentIndex::kHeaderBytes + 8ull * interface_count +
                             std::uint64_t{SegmentIndex::kChunkEntryBytes} * chunk_count;
  if (interface_count > SegmentIndex::kMaxInterfaces || bytes.size() != size) {
    return broken(path, bytes.size(), "the end of the index at " + std::to_string(size) + " bytes");
  }
  const std::span<const std::byte> body = bytes.subspan(SegmentIndex::kHeaderBytes);
  if (load_little_endian<std::uint32_t>(bytes.data() + kBodyCrcOffset) != crc32(body)) {
    return broken(path, kBodyCrcOffset, "the checksum of the tables");
  }
  SegmentIndex& index = reading.index;
  index.interface_offsets.reserve(interface_count);
  index.chunks.reserve(chunk_count);
  const std::byte* entry = body.data();
  for (std::uint32_t count = 0; count < interface_count; ++count, entry += 8) {
    index.interface_offsets.push_back(load_little_endian<std::uint64_t>(entry));
  }
  for (std::uint32_t count = 0; count < chunk_count; ++count, entry += SegmentIndex::kChunkEntryBytes) {
    index.chunks.push_back({load_little_endian<std::uint64_t>(entry),
                            load_little_endian<std::uint64_t>(entry + 8),
                            load_little_endian<TimeNs>(entry + 16), load_little_endian<TimeNs>(entry + 24)});
  }
  if (!tables_are_consistent(index)) {
    return broken(path, SegmentIndex::kHeaderBytes, "tables that rise and stay within the segment");
  }
  return reading;
}

IndexReading read_index_header(const std::string& path) { return read_file(path, true); }

IndexReading read_index(const std::string& path) { return read_file(path, false); }

Error segment_damaged(const std::string& path, std::uint64_t offset, const std::string& expectation) {
  return {"segment_damaged", path + ", offset " + std::to_string(offset) + ": expected " + expectation};
}

}  // namespace wireglass
