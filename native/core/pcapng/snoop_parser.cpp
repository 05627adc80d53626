#include "pcapng/snoop_parser.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include "base/time.hpp"

namespace wireglass {
namespace {

constexpr std::array<char, 8> kMagic = {'s', 'n', 'o', 'o', 'p', '\0', '\0', '\0'};
constexpr std::uint32_t kVersion = 2;
// Lengths on the wire, captured and of the record; packets dropped before it; seconds and microseconds.
constexpr std::size_t kRecordHeaderBytes = 24;
// Padding is at most what an encoder aligns to; more is damage.
constexpr std::uint32_t kMaxPaddingBytes = 4096;

std::uint32_t u32(const std::byte* at) {
  std::uint32_t word = 0;
  std::memcpy(&word, at, sizeof(word));
  return __builtin_bswap32(word);
}

struct DatalinkRow {
  std::uint32_t datalink;
  LinkType link_type;
};
// RFC 1761, and what Solaris added.
constexpr auto kDatalinks = std::to_array<DatalinkRow>({
    {0, LinkType::kEthernet},  // IEEE 802.3
    {2, LinkType::kTokenRing},
    {4, LinkType::kEthernet},
    {8, LinkType::kFddi},
    {18, LinkType::kSunAtm},
    {26, LinkType::kIpoib},
});

std::optional<LinkType> link_type_of_datalink(std::uint32_t datalink) {
  for (const DatalinkRow& row : kDatalinks) {
    if (row.datalink == datalink) return row.link_type;
  }
  return std::nullopt;
}

}  // namespace

bool SnoopParser::knows(const std::byte* magic) { return std::memcmp(magic, kMagic.data(), 4) == 0; }

Result<SnoopParser> SnoopParser::from_file_header(const std::byte* header) {
  if (std::memcmp(header, kMagic.data(), kMagic.size()) != 0) {
    return Error{"capture_file_damaged", "byte 0: expected \"snoop\" and three zeros"};
  }
  if (const std::uint32_t version = u32(header + 8); version != kVersion) {
    return Error{"capture_file_damaged",
                 "byte 8: expected snoop version 2, found " + std::to_string(version)};
  }
  const std::uint32_t datalink = u32(header + 12);
  const auto link_type = link_type_of_datalink(datalink);
  if (!link_type) {
    return Error{"capture_file_damaged",
                 "byte 12: expected a snoop datalink type with a decoder (0, 2, 4, 8, "
                 "18, 26), found " +
                     std::to_string(datalink)};
  }
  SnoopParser parser;
  parser.link_type_ = *link_type;
  return parser;
}

RecordStep SnoopParser::parse(std::span<const std::byte> window, PacketView& packet) {
  if (window.size() < kRecordHeaderBytes) return {RecordStep::Outcome::kMore, kRecordHeaderBytes};
  const std::byte* record = window.data();
  const std::uint32_t captured = u32(record + 4);
  const std::uint32_t record_bytes = u32(record + 8);
  if (captured > kMaxRecordBytes) {
    return damaged(4, "expected a captured length of at most " + std::to_string(kMaxRecordBytes) +
                          " bytes, found " + std::to_string(captured));
  }
  const std::uint32_t least = kRecordHeaderBytes + captured;
  if (record_bytes < least || record_bytes > least + kMaxPaddingBytes) {
    return damaged(8, "expected a record of " + std::to_string(least) + " bytes and padding, found " +
                          std::to_string(record_bytes));
  }
  if (window.size() < record_bytes) return {RecordStep::Outcome::kMore, record_bytes};
  packet.data = record + kRecordHeaderBytes;
  packet.captured_length = captured;
  packet.original_length = u32(record);
  // As in pcap: a fraction of a second or more is put at the end of its second.
  packet.timestamp_ns = static_cast<TimeNs>(u32(record + 16)) * kSecondNs +
                        std::min(static_cast<TimeNs>(u32(record + 20)) * kMicrosecondNs, kSecondNs - 1);
  packet.interface_id = 0;
  packet.link_type = link_type_;
  return {RecordStep::Outcome::kPacket, record_bytes};
}

RecordStep SnoopParser::damaged(std::size_t at, std::string what) {
  damage_ = std::move(what);
  return {RecordStep::Outcome::kDamaged, at};
}

}  // namespace wireglass
