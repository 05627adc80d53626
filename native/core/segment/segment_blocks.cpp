#include "segment/segment_blocks.hpp"

#include "pcapng/pcapng_format.hpp"

namespace wireglass {
namespace {

using Format = PcapngFormat;

constexpr std::size_t kInterfaceHeadBytes = 16;  ///< block head, link type, reserved, snaplen
constexpr std::size_t kSectionHeadBytes = 24;    ///< block head, magic, version, section length

std::uint32_t word_at(std::span<const std::byte> bytes, std::size_t offset) {
  return load_little_endian<std::uint32_t>(bytes.data() + offset);
}

}  // namespace

std::uint32_t claimed_block_bytes(std::span<const std::byte> bytes) {
  const std::uint32_t length = word_at(bytes, 4);
  const bool possible = length >= Format::kBlockOverhead && length <= SegmentBlock::kMaxBytes &&
                        length % sizeof(std::uint32_t) == 0;
  return possible ? length : 0;
}

std::optional<SegmentBlock> parse_block(std::span<const std::byte> bytes) {
  if (bytes.size() < Format::kBlockOverhead) return std::nullopt;
  const std::uint32_t length = claimed_block_bytes(bytes);
  if (length == 0 || length > bytes.size() || word_at(bytes, length - 4) != length) return std::nullopt;
  return SegmentBlock{word_at(bytes, 0), bytes.first(length)};
}

std::optional<PacketBlock> parse_packet_block(const SegmentBlock& block) {
  if (block.type != Format::kEnhancedPacket) return std::nullopt;
  if (block.bytes.size() < Format::kEnhancedPacketHead + sizeof(std::uint32_t)) return std::nullopt;
  const std::uint32_t captured_length = word_at(block.bytes, 20);
  if (captured_length > block.bytes.size() - Format::kEnhancedPacketHead - sizeof(std::uint32_t))
    return std::nullopt;
  PacketBlock packet;
  packet.interface_index = word_at(block.bytes, 8);
  packet.timestamp_ns =
      static_cast<TimeNs>((std::uint64_t{word_at(block.bytes, 12)} << 32) | word_at(block.bytes, 16));
  packet.original_length = word_at(block.bytes, 24);
  packet.data = block.bytes.subspan(Format::kEnhancedPacketHead, captured_length);
  const std::size_t padded_end = Format::kEnhancedPacketHead + Format::padded(captured_length);
  const std::size_t end = block.bytes.size() - sizeof(std::uint32_t);
  if (padded_end < end) packet.options = block.bytes.subspan(padded_end, end - padded_end);
  return packet;
}

std::optional<InterfaceInfo> parse_interface_block(const SegmentBlock& block) {
  if (block.type != Format::kInterfaceDescription) return std::nullopt;
  if (block.bytes.size() < kInterfaceHeadBytes + sizeof(std::uint32_t)) return std::nullopt;
  InterfaceInfo interface;
  interface.link_type = static_cast<LinkType>(load_little_endian<std::uint16_t>(block.bytes.data() + 8));
  interface.snaplen = word_at(block.bytes, 12);
  std::span<const std::byte> options = block.bytes.subspan(kInterfaceHeadBytes);
  options = options.first(options.size() - sizeof(std::uint32_t));
  bool nanoseconds = false;
  while (options.size() >= 4) {
    const auto code = load_little_endian<std::uint16_t>(options.data());
    const auto length = load_little_endian<std::uint16_t>(options.data() + 2);
    if (code == Format::kOptionEnd) break;
    const std::size_t whole = 4 + std::size_t{Format::padded(length)};
    if (whole > options.size()) return std::nullopt;
    const std::span<const std::byte> value = options.subspan(4, length);
    if (code == Format::kInterfaceName) {
      interface.name.assign(reinterpret_cast<const char*>(value.data()), value.size());
    } else if (code == Format::kInterfaceTimeResolution) {
      nanoseconds = length == 1 && std::to_integer<std::uint8_t>(value.front()) == Format::kNanoseconds;
    }
    options = options.subspan(whole);
  }
  if (!nanoseconds) return std::nullopt;
  return interface;
}

bool is_section_header(const SegmentBlock& block) {
  return block.type == Format::kSectionHeader &&
         block.bytes.size() >= kSectionHeadBytes + sizeof(std::uint32_t) &&
         word_at(block.bytes, 8) == Format::kByteOrderMagic;
}

}  // namespace wireglass
