#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "segment/posix_file.hpp"

namespace wireglass {

/// Where the packets of a segment lie. A chunk begins with the first packet block at or behind a multiple of
/// kChunkBytes in the file, and ends where the next one begins.
struct SegmentIndex {
  static constexpr std::uint64_t kChunkBytes = 64 * 1024;

  struct Chunk {
    std::uint64_t offset = 0;         ///< of its first packet block in the segment file
    std::uint64_t first_ordinal = 0;  ///< of that packet
    TimeNs min_ns = 0;
    TimeNs max_ns = 0;
  };

  /// The fixed part at the front of an index file, enough to list segments and to prune by time.
  struct Summary {
    std::uint32_t sensor = 0;
    std::uint64_t sequence = 0;
    std::uint64_t packets = 0;
    TimeNs min_ns = 0;
    TimeNs max_ns = 0;
    std::uint64_t packets_end = 0;  ///< offset behind the last packet block
    std::uint64_t file_bytes = 0;   ///< of the complete segment
  };

  Summary summary;
  std::vector<std::uint64_t>
      interface_offsets;  ///< of the interface description blocks, in the section's order
  std::vector<Chunk> chunks;

  /// Notes that a packet block stands at `offset` and ends at `end`; blocks come in rising order.
  void add_packet(std::uint64_t offset, std::uint64_t end, TimeNs timestamp_ns);

  /// The chunk that holds a packet; `ordinal` is below summary.packets.
  std::size_t chunk_of(std::uint64_t ordinal) const;
  std::uint64_t chunk_end(std::size_t chunk) const;
  /// The first ordinal behind the chunk.
  std::uint64_t chunk_last_ordinal(std::size_t chunk) const;

  /// The index file, version 1 (little-endian): 8 bytes of magic, version u32, sensor u32, sequence u64,
  /// packets u64, min and max time i64, packets_end u64, file_bytes u64, counts of chunks and interfaces u32,
  /// CRC-32 of what follows the header and of the header before it; then the interface offsets u64 and the
  /// chunks (4 × 64 bits).
  std::vector<std::byte> encode() const;

  static constexpr std::size_t kHeaderBytes = 80;
  static constexpr std::size_t kChunkEntryBytes = 32;
  /// Larger index files are refused: this many bytes index a segment of 64 GiB and more.
  static constexpr std::uint64_t kMaxFileBytes = 64ull << 20;
  static constexpr std::uint32_t kMaxInterfaces = 65536;
};

/// What keeps an index from being used.
enum class IndexDamage : std::uint8_t {
  kNone,
  kMissing,
  kForeign,  ///< another magic or version: perhaps another release's, so nobody may replace it
  kBroken,   ///< cut or altered; can be rebuilt from its segment
};

/// An index read back, or what is wrong with it.
struct IndexReading {
  SegmentIndex index;
  IndexDamage damage = IndexDamage::kNone;
  Error error;  ///< "segment_damaged": file, offset, what was expected there
};

/// Reads the summary out of an index file's first kHeaderBytes.
IndexReading parse_index_header(std::span<const std::byte> bytes, const std::string& path);
/// Parses a whole index file; whatever the bytes, the result is consistent in itself or an error.
IndexReading parse_index(std::span<const std::byte> bytes, const std::string& path);

IndexReading read_index_header(const std::string& path);
IndexReading read_index(const std::string& path);

/// "segment_damaged" at a place in a file.
Error segment_damaged(const std::string& path, std::uint64_t offset, const std::string& expectation);

}  // namespace wireglass
