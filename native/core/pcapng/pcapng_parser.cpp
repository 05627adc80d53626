#include "pcapng/pcapng_parser.hpp"

#include <algorithm>
#include <utility>

#include "pcapng/pcapng_format.hpp"

namespace wireglass {
namespace {

using Outcome = RecordStep::Outcome;

// Block types that only readers meet, draft-ietf-opsawg-pcapng sections 4.4 and appendix A.
constexpr std::uint32_t kObsoletePacket = 2;
constexpr std::uint32_t kSimplePacket = 3;

constexpr std::uint16_t kVersionMajor = 1;
constexpr std::uint16_t kInterfaceTimeOffset = 14;

constexpr std::size_t kBodyAt = 8;
constexpr std::size_t kTrailerBytes = 4;
constexpr std::size_t kSectionHeaderBytes = 28;
constexpr std::size_t kInterfaceBytes = 20;
constexpr std::size_t kTimedPacketBytes = 32;
constexpr std::size_t kSimplePacketBytes = 16;
constexpr std::size_t kSimplePacketDataAt = 12;
constexpr std::size_t kOptionHeaderBytes = 4;

/// The option's text up to a NUL, at most `limit` bytes, not ending inside a UTF-8 character.
std::string name_of(std::span<const std::byte> value, std::size_t limit) {
  const auto end = std::find(value.begin(), value.end(), std::byte{0});
  std::size_t length = std::min(static_cast<std::size_t>(end - value.begin()), limit);
  const auto continues = [&](std::size_t at) { return (value[at] & std::byte{0xc0}) == std::byte{0x80}; };
  if (length < value.size()) {
    while (length > 0 && continues(length)) --length;
  }
  return {reinterpret_cast<const char*>(value.data()), length};
}

}  // namespace

bool PcapngParser::knows(const std::byte* magic) {
  return FileByteOrder(false).u32(magic) == PcapngFormat::kSectionHeader;
}

RecordStep PcapngParser::damaged(std::size_t at, std::string expected) {
  damage_ = std::move(expected);
  return {Outcome::kDamaged, at};
}

RecordStep PcapngParser::parse(std::span<const std::byte> window, PacketView& packet) {
  if (window.size() < PcapngFormat::kBlockOverhead) return {Outcome::kMore, PcapngFormat::kBlockOverhead};
  const std::uint32_t type = order_.u32(window.data());
  if (type == PcapngFormat::kSectionHeader) {
    const std::uint32_t magic = FileByteOrder(false).u32(window.data() + kBodyAt);
    const bool native = magic == PcapngFormat::kByteOrderMagic;
    if (!native && magic != __builtin_bswap32(PcapngFormat::kByteOrderMagic)) {
      return damaged(kBodyAt, "expected the byte-order magic 0x1a2b3c4d of a section header block");
    }
    order_ = FileByteOrder(!native);
  }
  const std::uint32_t length = order_.u32(window.data() + 4);
  if (length < PcapngFormat::kBlockOverhead || length % 4 != 0 || length > kMaxRecordBytes) [[unlikely]] {
    return damaged(4, "expected a block length from 12 to " + std::to_string(kMaxRecordBytes) +
                          " and a multiple of 4, found " + std::to_string(length));
  }
  if (window.size() < length) return {Outcome::kMore, length};
  const std::uint32_t trailer = order_.u32(window.data() + length - kTrailerBytes);
  if (trailer != length) [[unlikely]] {
    return damaged(length - kTrailerBytes, "expected the block's length " + std::to_string(length) +
                                               " again, found " + std::to_string(trailer));
  }
  const auto block = window.first(length);
  switch (type) {
    case PcapngFormat::kEnhancedPacket:
      if (length < kTimedPacketBytes)
        return damaged(4, "expected an enhanced packet block of at least 32 bytes");
      return parse_timed_packet(block, order_.u32(block.data() + kBodyAt), packet);
    case kSimplePacket:
      return parse_simple_packet(block, packet);
    case kObsoletePacket:
      if (length < kTimedPacketBytes) return damaged(4, "expected a packet block of at least 32 bytes");
      return parse_timed_packet(block, order_.u16(block.data() + kBodyAt), packet);
    case PcapngFormat::kInterfaceDescription:
      return parse_interface(block);
    case PcapngFormat::kSectionHeader:
      return parse_section_header(block);
    default:
      return {Outcome::kSkip, length};
  }
}

RecordStep PcapngParser::parse_section_header(std::span<const std::byte> block) {
  if (block.size() < kSectionHeaderBytes)
    return damaged(4, "expected a section header block of at least 28 bytes");
  const std::uint16_t major = order_.u16(block.data() + 12);
  if (major != kVersionMajor) {
    return damaged(12, "expected pcapng version 1.x, found " + std::to_string(major) + "." +
                           std::to_string(order_.u16(block.data() + 14)));
  }
  section_interfaces_.clear();
  return {Outcome::kSkip, block.size()};
}

RecordStep PcapngParser::parse_interface(std::span<const std::byte> block) {
  if (block.size() < kInterfaceBytes) {
    return damaged(4, "expected an interface description block of at least 20 bytes");
  }
  if (interfaces_.size() == kMaxInterfaces) {
    return damaged(0, "expected at most " + std::to_string(kMaxInterfaces) + " interfaces");
  }
  std::string name;
  TimestampScale timestamps;
  std::size_t failed_at = 0;
  const std::size_t options_at = kInterfaceBytes - kTrailerBytes;
  const auto options = block.subspan(options_at, block.size() - kInterfaceBytes);
  if (!parse_interface_options(options, name, timestamps, failed_at)) {
    return damaged(options_at + failed_at,
                   "expected an option that ends within its interface description block");
  }
  const LinkType link_type = link_type_from_file(order_.u16(block.data() + 8));
  const std::uint32_t snaplen = order_.u32(block.data() + 12);
  section_interfaces_.push_back(
      {static_cast<std::uint32_t>(interfaces_.size()), snaplen, link_type, timestamps});
  interfaces_.push_back({name.empty() ? fallback_name_ : std::move(name), link_type, snaplen});
  return {Outcome::kSkip, block.size()};
}

bool PcapngParser::parse_interface_options(std::span<const std::byte> options, std::string& name,
                                           TimestampScale& timestamps, std::size_t& failed_at) const {
  std::uint8_t resolution = TimestampScale::kDefaultResolution;
  std::int64_t offset_seconds = 0;
  std::size_t at = 0;
  while (options.size() - at >= kOptionHeaderBytes) {
    const std::uint16_t code = order_.u16(options.data() + at);
    const std::uint32_t length = order_.u16(options.data() + at + 2);
    if (code == PcapngFormat::kOptionEnd) break;
    if (PcapngFormat::padded(length) > options.size() - at - kOptionHeaderBytes) {
      failed_at = at;
      return false;
    }
    const auto value = options.subspan(at + kOptionHeaderBytes, length);
    if (code == PcapngFormat::kInterfaceName) name = name_of(value, kMaxNameBytes);
    if (code == PcapngFormat::kInterfaceTimeResolution && length == 1)
      resolution = std::to_integer<std::uint8_t>(value[0]);
    if (code == kInterfaceTimeOffset && length == 8)
      offset_seconds = static_cast<std::int64_t>(order_.u64(value.data()));
    at += kOptionHeaderBytes + PcapngFormat::padded(length);
  }
  timestamps = TimestampScale(resolution, offset_seconds);
  return true;
}

RecordStep PcapngParser::parse_timed_packet(std::span<const std::byte> block, std::uint32_t section_interface,
                                            PacketView& packet) {
  if (section_interface >= section_interfaces_.size()) [[unlikely]] {
    return damaged(kBodyAt, "expected one of the " + std::to_string(section_interfaces_.size()) +
                                " interfaces described in this section, found interface " +
                                std::to_string(section_interface));
  }
  const std::uint64_t ticks_high = order_.u32(block.data() + 12);
  const std::uint64_t ticks_low = order_.u32(block.data() + 16);
  const std::uint32_t captured = order_.u32(block.data() + 20);
  if (captured > block.size() - kTimedPacketBytes) [[unlikely]] {
    return damaged(20, "expected a captured length within the block's " +
                           std::to_string(block.size() - kTimedPacketBytes) + " bytes of data, found " +
                           std::to_string(captured));
  }
  const SectionInterface& interface = section_interfaces_[section_interface];
  packet.data = block.data() + PcapngFormat::kEnhancedPacketHead;
  packet.captured_length = captured;
  packet.original_length = order_.u32(block.data() + 24);
  packet.timestamp_ns = interface.timestamps.to_ns((ticks_high << 32) | ticks_low);
  packet.interface_id = interface.interface_id;
  packet.link_type = interface.link_type;
  return {Outcome::kPacket, block.size()};
}

RecordStep PcapngParser::parse_simple_packet(std::span<const std::byte> block, PacketView& packet) {
  if (block.size() < kSimplePacketBytes)
    return damaged(4, "expected a simple packet block of at least 16 bytes");
  if (section_interfaces_.empty()) {
    return damaged(0, "expected an interface description block before the first simple packet block");
  }
  const SectionInterface& interface = section_interfaces_.front();
  const std::uint32_t original = order_.u32(block.data() + kBodyAt);
  const std::uint32_t within_snaplen =
      interface.snaplen == 0 ? original : std::min(original, interface.snaplen);
  const std::size_t space = block.size() - kSimplePacketBytes;
  if (within_snaplen > space) {
    return damaged(kBodyAt, "expected a packet length within the block's " + std::to_string(space) +
                                " bytes of data, found " + std::to_string(within_snaplen));
  }
  packet.data = block.data() + kSimplePacketDataAt;
  packet.captured_length = within_snaplen;
  packet.original_length = original;
  packet.timestamp_ns = 0;
  packet.interface_id = interface.interface_id;
  packet.link_type = interface.link_type;
  return {Outcome::kPacket, block.size()};
}

}  // namespace wireglass
