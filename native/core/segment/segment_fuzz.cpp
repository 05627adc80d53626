#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <span>

#include "segment/segment_reader.hpp"
#include "segment/segment_recovery.hpp"

namespace wireglass {
namespace {

std::shared_ptr<FileDescriptor> memory_file(std::span<const std::byte> bytes) {
  auto file = std::make_shared<FileDescriptor>(memfd_create("segment", MFD_CLOEXEC));
  int error_number = 0;
  if (!file->valid() || write_at(*file, bytes, 0, error_number) != bytes.size()) std::abort();
  return file;
}

std::uint64_t walk(const std::shared_ptr<FileDescriptor>& file, const SegmentLayout& layout) {
  const SegmentReader reader("fuzz", file, std::make_shared<const SegmentLayout>(layout));
  ChunkPackets packets;
  std::uint64_t count = 0;
  for (std::size_t chunk = 0; chunk < layout.index.chunks.size(); ++chunk) {
    if (reader.read_chunk(chunk, packets).ok()) count += packets.packets.size();
  }
  return count;
}

/// The input: two bytes of length, an index of that many bytes, a segment. The index is read as it is, and
/// again with its tables taken for granted, as if its checksums had matched.
void read_hostile(std::span<const std::byte> bytes) {
  if (bytes.size() < 2) return;
  const std::size_t index_bytes =
      std::to_integer<std::size_t>(bytes[0]) | std::to_integer<std::size_t>(bytes[1]) << 8;
  bytes = bytes.subspan(2);
  const std::span<const std::byte> index = bytes.first(std::min(index_bytes, bytes.size()));
  const auto file = memory_file(bytes.subspan(index.size()));
  SegmentLayout layout;
  IndexReading reading = parse_index(index, "fuzz");
  if (reading.damage == IndexDamage::kNone) {
    layout.index = std::move(reading.index);
  } else {
    // Tables from raw bytes, made to rise as parse_index() demands.
    for (std::size_t entry = 0; entry + 4 <= index.size(); entry += 4) {
      const std::uint64_t step = 1 + std::to_integer<std::uint64_t>(index[entry]) +
                                 (std::to_integer<std::uint64_t>(index[entry + 1]) << 8);
      const SegmentIndex::Chunk last =
          layout.index.chunks.empty() ? SegmentIndex::Chunk{} : layout.index.chunks.back();
      const std::uint64_t ordinal =
          layout.index.chunks.empty()
              ? 0
              : last.first_ordinal + 1 + std::to_integer<std::uint64_t>(index[entry + 2]);
      layout.index.chunks.push_back({last.offset + step, ordinal, 0, 0});
      layout.index.interface_offsets.push_back(last.offset + step);
      layout.index.summary.packets = ordinal + 1 + std::to_integer<std::uint64_t>(index[entry + 3]);
      layout.index.summary.packets_end =
          last.offset + step + 1 + std::to_integer<std::uint64_t>(index[entry + 3]);
    }
  }
  auto interfaces = read_interfaces("fuzz", *file, layout.index);
  if (interfaces.ok()) layout.interfaces = std::move(interfaces.value());
  walk(file, layout);

  // What a scan takes in must be what a reader finds by the scan's own index.
  const auto scan = scan_segment("fuzz", *file);
  if (!scan.ok()) std::abort();
  if (walk(file, scan.value().layout) != scan.value().layout.index.summary.packets) std::abort();
}

}  // namespace
}  // namespace wireglass

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  wireglass::read_hostile(std::as_bytes(std::span(data, size)));
  return 0;
}
