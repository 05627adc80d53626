#include "pcapng/erf_parser.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/time.hpp"

namespace wireglass {
namespace {

// Type octet: the record type, and whether an extension header follows. Each of these says the same of the
// next one in its first bit.
constexpr std::uint8_t kMore = 0x80;
constexpr std::size_t kExtensionBytes = 8;
constexpr std::size_t kMaxExtensions = 16;
// Between the record's headers and the frame: Ethernet's offset and pad octets, a channel's header.
constexpr std::uint8_t kEthernetOffsetBytes = 2;
constexpr std::uint8_t kMultiChannelBytes = 4;

constexpr std::uint8_t kPad = 48;
constexpr std::uint8_t kLastPacketType = 29;

struct TypeRow {
  std::uint8_t type;
  std::uint8_t skip_bytes;
  LinkType link_type;
};
// The frames that have a link type of their own; all others are left to the decoder, header and all. Several
// numbers have one frame: with colour, hash or stream in the header.
constexpr std::array<TypeRow, 12> kFrameTypes = {{
    {1, 0, LinkType::kPppHdlc},
    {10, 0, LinkType::kPppHdlc},
    {15, 0, LinkType::kPppHdlc},
    {19, 0, LinkType::kPppHdlc},
    {5, kMultiChannelBytes, LinkType::kPppHdlc},
    {17, kMultiChannelBytes, LinkType::kPppHdlc},
    {2, kEthernetOffsetBytes, LinkType::kEthernet},
    {11, kEthernetOffsetBytes, LinkType::kEthernet},
    {16, kEthernetOffsetBytes, LinkType::kEthernet},
    {20, kEthernetOffsetBytes, LinkType::kEthernet},
    {22, 0, LinkType::kIpv4},
    {23, 0, LinkType::kIpv6},
}};

// A file is ERF where this many records, or all, follow one another at times that are not far apart.
constexpr std::size_t kGuessedRecords = 4;
constexpr std::uint32_t kMaxGapSeconds = 30U * 24 * 3600;

std::uint8_t octet(const std::byte* at) { return std::to_integer<std::uint8_t>(*at); }
std::uint8_t type_of(const std::byte* header) { return octet(header + 8) & ~kMore; }
std::uint32_t u16(const std::byte* at) { return std::uint32_t{octet(at)} << 8 | octet(at + 1); }
std::uint32_t record_bytes_of(const std::byte* header) { return u16(header + 10); }
std::uint32_t u32_le(const std::byte* at) {
  std::uint32_t word = 0;
  std::memcpy(&word, at, sizeof(word));
  return word;
}
std::uint32_t seconds_of(const std::byte* header) { return u32_le(header + 4); }

bool may_be_record(const std::byte* header) {
  const std::uint8_t type = type_of(header);
  const bool is_known = (type > 0 && type <= kLastPacketType) || type == kPad;
  return is_known && record_bytes_of(header) >= ErfParser::kHeaderBytes;
}

bool are_far_apart(std::uint32_t left, std::uint32_t right) {
  return std::max(left, right) - std::min(left, right) > kMaxGapSeconds;
}

const TypeRow* row_of(const std::byte* header) {
  const auto* row = std::find_if(kFrameTypes.begin(), kFrameTypes.end(),
                                 [type = type_of(header)](const TypeRow& one) { return one.type == type; });
  return row == kFrameTypes.end() ? nullptr : row;
}

/// Of the header and its extensions; 0 where they do not end within the record.
std::size_t headers_bytes(std::span<const std::byte> record) {
  std::size_t bytes = ErfParser::kHeaderBytes;
  bool more = (octet(record.data() + 8) & kMore) != 0;
  for (std::size_t count = 0; more; ++count) {
    if (count == kMaxExtensions || record.size() - bytes < kExtensionBytes) return 0;
    more = (octet(record.data() + bytes) & kMore) != 0;
    bytes += kExtensionBytes;
  }
  return bytes;
}

// Seconds and a binary fraction of 32 bits, rounded to the nearest nanosecond.
TimeNs time_of(const std::byte* header) {
  const std::uint64_t fraction = u32_le(header);
  const auto nanoseconds = static_cast<TimeNs>((fraction * kSecondNs + (std::uint64_t{1} << 31)) >> 32);
  return static_cast<TimeNs>(seconds_of(header)) * kSecondNs + nanoseconds;
}

}  // namespace

ErfParser::Guess ErfParser::guess(std::span<const std::byte> start, bool is_whole) {
  using Verdict = Guess::Verdict;
  std::size_t at = 0;
  std::uint32_t seconds = 0;
  for (std::size_t count = 0; count < kGuessedRecords; ++count) {
    if (start.size() - at < kHeaderBytes) {
      if (!is_whole) return {Verdict::kMore, at + kHeaderBytes};
      return {count > 0 ? Verdict::kYes : Verdict::kNo, at};
    }
    const std::byte* header = start.data() + at;
    if (!may_be_record(header)) return {Verdict::kNo, at};
    if (count > 0 && are_far_apart(seconds_of(header), seconds)) return {Verdict::kNo, at};
    seconds = seconds_of(header);
    at += record_bytes_of(header);
    if (start.size() < at) {
      if (!is_whole) return {Verdict::kMore, at};
      return {count > 0 ? Verdict::kYes : Verdict::kNo, at};  // the last record is cut
    }
  }
  return {Verdict::kYes, at};
}

std::uint32_t ErfParser::interface_of(LinkType link_type) {
  const auto found = std::find_if(interfaces_.begin(), interfaces_.end(),
                                  [=](const InterfaceInfo& one) { return one.link_type == link_type; });
  const auto position = static_cast<std::uint32_t>(found - interfaces_.begin());
  if (found == interfaces_.end()) interfaces_.push_back({interface_name_, link_type, 0});
  return position;
}

RecordStep ErfParser::parse(std::span<const std::byte> window, PacketView& packet) {
  if (window.size() < kHeaderBytes) return {RecordStep::Outcome::kMore, kHeaderBytes};
  const std::byte* header = window.data();
  const std::uint32_t record_bytes = record_bytes_of(header);
  if (record_bytes < kHeaderBytes) {
    damage_ = "expected a record length of at least " + std::to_string(kHeaderBytes) + " bytes, found " +
              std::to_string(record_bytes);
    return {RecordStep::Outcome::kDamaged, 10};
  }
  if (window.size() < record_bytes) return {RecordStep::Outcome::kMore, record_bytes};
  if (type_of(header) == kPad) return {RecordStep::Outcome::kSkip, record_bytes};

  const std::uint32_t wire_length = u16(header + 14);
  const TypeRow* row = row_of(header);
  std::size_t skip_bytes = 0;
  if (row != nullptr) {
    const std::size_t headers = headers_bytes(window.first(record_bytes));
    if (headers == 0 || record_bytes - headers < row->skip_bytes) {
      damage_ = "expected extension headers that end within the record's " + std::to_string(record_bytes) +
                " bytes";
      return {RecordStep::Outcome::kDamaged, kHeaderBytes};
    }
    skip_bytes = headers + row->skip_bytes;
  }
  const auto frame_bytes = static_cast<std::uint32_t>(record_bytes - skip_bytes);
  packet.data = header + skip_bytes;
  // A frame is padded to the record's end, which whole records are not: their own length tells that.
  packet.captured_length = row == nullptr ? frame_bytes : std::min(frame_bytes, wire_length);
  packet.original_length = wire_length;
  packet.timestamp_ns = time_of(header);
  packet.link_type = row == nullptr ? LinkType::kErf : row->link_type;
  packet.interface_id = interface_of(packet.link_type);
  return {RecordStep::Outcome::kPacket, record_bytes};
}

}  // namespace wireglass
