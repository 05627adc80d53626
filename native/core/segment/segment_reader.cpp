#include "segment/segment_reader.hpp"

#include "pcapng/pcapng_format.hpp"

namespace wireglass {
namespace {

/// A chunk holds less than 64 KiB up to its last packet block, that block, and the interface description that
/// the next chunk's first packet may have brought.
constexpr std::uint64_t kMaxChunkBytes = SegmentIndex::kChunkBytes + SegmentBlock::kMaxBytes + 64 * 1024;

/// An interface description is at most this long, its name cut by PcapngWriter.
constexpr std::size_t kMaxInterfaceBlockBytes = 8192;

}  // namespace

Result<void> SegmentReader::read_chunk(std::size_t chunk, ChunkPackets& into) const {
  const SegmentIndex& index = layout_->index;
  const std::uint64_t start = index.chunks[chunk].offset;
  const std::uint64_t length = index.chunk_end(chunk) - start;
  into.packets.clear();
  if (length > kMaxChunkBytes) return segment_damaged(path_, start, "a chunk of at most 16 MiB");
  into.bytes.resize(length);
  if (read_at(*file_, into.bytes, start) != static_cast<ssize_t>(length)) {
    return segment_damaged(path_, start, std::to_string(length) + " bytes of packets");
  }
  const std::uint64_t expected = index.chunk_last_ordinal(chunk) - index.chunks[chunk].first_ordinal;
  std::span<const std::byte> rest(into.bytes);
  while (!rest.empty()) {
    const std::uint64_t offset = start + length - rest.size();
    const std::optional<SegmentBlock> block = parse_block(rest);
    if (!block) return segment_damaged(path_, offset, "a whole block");
    rest = rest.subspan(block->bytes.size());
    if (block->type != PcapngFormat::kEnhancedPacket) continue;
    const std::optional<PacketBlock> packet = parse_packet_block(*block);
    if (!packet || packet->interface_index >= layout_->interfaces.size()) {
      return segment_damaged(path_, offset, "a packet of a known interface that fits its block");
    }
    if (into.packets.size() == expected) return segment_damaged(path_, offset, "the end of the chunk");
    into.packets.push_back(*packet);
  }
  if (into.packets.size() != expected) {
    return segment_damaged(
        path_, start,
        std::to_string(expected) + " packets in the chunk, found " + std::to_string(into.packets.size()));
  }
  return {};
}

Result<std::vector<InterfaceInfo>> read_interfaces(const std::string& path, const FileDescriptor& file,
                                                   const SegmentIndex& index) {
  std::vector<InterfaceInfo> interfaces;
  std::vector<std::byte> bytes(kMaxInterfaceBlockBytes);
  for (const std::uint64_t offset : index.interface_offsets) {
    const ssize_t got = read_at(file, bytes, offset);
    std::optional<InterfaceInfo> interface;
    if (got > 0) {
      const auto block = parse_block(std::span<const std::byte>(bytes).first(static_cast<std::size_t>(got)));
      if (block) interface = parse_interface_block(*block);
    }
    if (!interface) return segment_damaged(path, offset, "an interface description");
    interfaces.push_back(std::move(*interface));
  }
  return interfaces;
}

}  // namespace wireglass
