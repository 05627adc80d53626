#include "decode/erf.hpp"

#include <array>

namespace wireglass {
namespace {

constexpr std::uint32_t kHeaderBytes = 16;
constexpr std::uint32_t kExtensionBytes = 8;
constexpr std::uint32_t kMaxExtensions = 16;
constexpr std::uint8_t kMore = 0x80;  // of the type octet, and of an extension's first octet
constexpr std::uint32_t kEthernetOffsetBytes = 2;
constexpr std::uint32_t kMultiChannelBytes = 4;

struct Row {
  std::uint8_t type;
  std::uint8_t skip_bytes;  // between the record's headers and the frame
  ProtocolId protocol;
};
// PPP's decoder knows Cisco HDLC by its first octet.
constexpr std::array<Row, 14> kRecordTypes = {{
    {1, 0, ProtocolId::kPpp},  // HDLC over SONET or SDH, with or without colour
    {10, 0, ProtocolId::kPpp},
    {15, 0, ProtocolId::kPpp},
    {19, 0, ProtocolId::kPpp},
    {5, kMultiChannelBytes, ProtocolId::kPpp},
    {17, kMultiChannelBytes, ProtocolId::kPpp},
    {2, kEthernetOffsetBytes, ProtocolId::kEthernet},  // with or without colour, hash, streams
    {11, kEthernetOffsetBytes, ProtocolId::kEthernet},
    {16, kEthernetOffsetBytes, ProtocolId::kEthernet},
    {20, kEthernetOffsetBytes, ProtocolId::kEthernet},
    {4, 4, ProtocolId::kAtmPayload},  // AAL5 with its cell header
    {9, kMultiChannelBytes + 4, ProtocolId::kAtmPayload},
    {22, 0, ProtocolId::kIpv4},
    {23, 0, ProtocolId::kIpv6},
}};

const Row* row_of(std::uint8_t type_octet) {
  for (const Row& row : kRecordTypes) {
    if (row.type == (type_octet & ~kMore)) return &row;
  }
  return nullptr;
}

}  // namespace

ProtocolId parse_erf(DecodeContext& context) {
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!context.add_header(ProtocolId::kErf)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kHeaderBytes);
  const std::uint32_t record_bytes = header.u16<10>();
  if (record_bytes < kHeaderBytes) return context.refuse(DecodeStatus::kMalformed);
  context.narrow(record_bytes);
  context.cursor.skip(kHeaderBytes);
  bool more = (header.u8<8>() & kMore) != 0;
  for (std::uint32_t count = 0; more; ++count) {
    if (count == kMaxExtensions) return context.refuse(DecodeStatus::kTooDeep);
    const auto extension = context.cursor.peek<kExtensionBytes>();
    if (!extension) return context.refuse_short(kExtensionBytes);
    more = (extension.u8<0>() & kMore) != 0;
    context.cursor.skip(kExtensionBytes);
  }
  const Row* row = row_of(header.u8<8>());
  if (row == nullptr) return ProtocolId::kEnd;
  return context.cursor.skip(row->skip_bytes) ? row->protocol : context.refuse_short(row->skip_bytes);
}

void describe_erf(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "erf", offset);
  header.number_le("timestamp", 0, 8);
  header.bits("type", 8, 1, 0, 7);
  header.hex("flags", 9, 1);
  header.number("record_length", 10, 2);
  header.number("loss_or_color", 12, 2);
  header.number("wire_length", 14, 2);
  std::uint64_t first = 0;
  std::uint32_t at = kHeaderBytes;
  bool more = header.read(8, 1, first) && (first & kMore) != 0;
  for (std::uint32_t count = 0; more && count < kMaxExtensions; ++count) {
    header.blob("extension", at, kExtensionBytes);
    more = header.read(at, 1, first) && (first & kMore) != 0;
    at += kExtensionBytes;
  }
  if (!header.read(8, 1, first)) return;
  if (const Row* row = row_of(static_cast<std::uint8_t>(first))) header.extend(at + row->skip_bytes);
}

}  // namespace wireglass
