#include "decode/ethernet_tags.hpp"

#include "decode/ethertype.hpp"

namespace wireglass {
namespace {

// Sizes up to and with the EtherType of what follows, which ends each of these tags.
constexpr std::uint32_t kVnTagBytes = 6;
constexpr std::uint32_t kETagBytes = 8;
constexpr std::uint32_t kRTagBytes = 6;
constexpr std::uint32_t kHsrTagBytes = 6;
constexpr std::uint32_t kCiscoMetadataBytes = 8;
constexpr std::uint32_t kAristaFixedBytes = 4;  // in front of the time stamp

constexpr std::uint16_t kAristaTimestampSubtype = 1;
constexpr std::uint32_t kArista64Bits = 1;
constexpr std::uint32_t kArista48Bits = 2;

// Of the time stamp; 0 where the format is none of the two.
std::uint32_t arista_time_bytes(std::uint64_t fixed) {
  const std::uint32_t format = fixed >> 4 & 0xf;
  return format == kArista64Bits ? 8 : format == kArista48Bits ? 6 : 0;
}

template <ProtocolId Protocol, std::uint32_t Size>
ProtocolId parse_tag(DecodeContext& context) {
  if (!context.add_header(Protocol)) return ProtocolId::kEnd;
  const auto tag = context.cursor.peek<Size>();
  if (!tag) return context.refuse_short(Size);
  context.cursor.skip(Size);
  return protocol_of_type_or_length(context, tag.template u16<Size - 2>());
}

}  // namespace

ProtocolId parse_vn_tag(DecodeContext& context) {
  return parse_tag<ProtocolId::kVnTag, kVnTagBytes>(context);
}

void describe_vn_tag(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "vn_tag", offset);
  header.bits("direction", 0, 4, 31);
  header.bits("pointer", 0, 4, 30);
  header.bits("destination", 0, 4, 16, 14);
  header.bits("looped", 0, 4, 15);
  header.bits("version", 0, 4, 12, 2);
  header.bits("source", 0, 4, 0, 12);
  describe_type_or_length(dissector, header, kVnTagBytes - 2);
}

ProtocolId parse_e_tag(DecodeContext& context) { return parse_tag<ProtocolId::kETag, kETagBytes>(context); }

void describe_e_tag(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "e_tag", offset);
  header.bits("priority", 0, 2, 13, 3);
  header.bits("drop_eligible", 0, 2, 12);
  header.bits("ingress_e_cid_base", 0, 2, 0, 12);
  header.bits("group", 2, 2, 12, 2);
  header.bits("e_cid_base", 2, 2, 0, 12);
  header.number("ingress_e_cid_extension", 4, 1);
  header.number("e_cid_extension", 5, 1);
  describe_type_or_length(dissector, header, kETagBytes - 2);
}

ProtocolId parse_r_tag(DecodeContext& context) { return parse_tag<ProtocolId::kRTag, kRTagBytes>(context); }

void describe_r_tag(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "r_tag", offset);
  header.number("sequence_number", 2, 2);
  describe_type_or_length(dissector, header, kRTagBytes - 2);
}

ProtocolId parse_hsr_tag(DecodeContext& context) {
  return parse_tag<ProtocolId::kHsrTag, kHsrTagBytes>(context);
}

void describe_hsr_tag(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "hsr_tag", offset);
  header.bits("path", 0, 2, 12, 4);
  header.bits("size", 0, 2, 0, 12);
  header.number("sequence_number", 2, 2);
  describe_type_or_length(dissector, header, kHsrTagBytes - 2);
}

ProtocolId parse_cisco_metadata(DecodeContext& context) {
  const auto header = context.cursor.peek<kCiscoMetadataBytes>();
  // In GRE the EtherType stands in front of version and length, which are 1 and 1.
  if (!header || header.u16<0>() < kFirstEthertype) {
    return parse_tag<ProtocolId::kCiscoMetadata, kCiscoMetadataBytes>(context);
  }
  if (!context.add_header(ProtocolId::kCiscoMetadata)) return ProtocolId::kEnd;
  context.cursor.skip(kCiscoMetadataBytes);
  return protocol_of_ethertype(header.u16<0>());
}

void describe_cisco_metadata(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "cisco_metadata", offset);
  std::uint64_t first = 0;
  if (!header.read(0, 2, first)) return;
  const bool is_in_gre = first >= kFirstEthertype;
  const std::uint32_t at = is_in_gre ? 2 : 0;
  if (is_in_gre) header.hex("ethertype", 0, 2);
  header.number("version", at, 1);
  header.number("length", at + 1, 1);
  header.hex("options", at + 2, 2);
  header.number("security_group_tag", at + 4, 2);
  if (!is_in_gre) describe_type_or_length(dissector, header, kCiscoMetadataBytes - 2);
}

ProtocolId parse_arista_timestamp(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kAristaTimestamp)) return ProtocolId::kEnd;
  const auto fixed = context.cursor.peek<kAristaFixedBytes>();
  if (!fixed) return context.refuse_short(kAristaFixedBytes);
  const std::uint32_t time_bytes = arista_time_bytes(fixed.u32<0>());
  if (fixed.u16<0>() != kAristaTimestampSubtype || time_bytes == 0) return ProtocolId::kEnd;
  const std::uint32_t type_at = kAristaFixedBytes + time_bytes;
  std::uint64_t type = 0;
  if (!context.cursor.read_at(context.cursor.offset() + type_at, 2, type) ||
      !context.cursor.skip(type_at + 2)) {
    return context.refuse_short(type_at + 2);
  }
  return protocol_of_type_or_length(context, static_cast<std::uint16_t>(type));
}

void describe_arista_timestamp(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "arista_timestamp", offset);
  header.number("subtype", 0, 2);
  header.number("timescale", 2, 1);
  header.bits("format", 3, 1, 4, 4);
  header.bits("hardware", 3, 1, 0, 4);
  std::uint64_t fixed = 0;
  if (!header.read(0, kAristaFixedBytes, fixed)) return;
  const std::uint32_t time_bytes = arista_time_bytes(fixed);
  if (time_bytes == 0) return;
  header.hex("timestamp", kAristaFixedBytes, time_bytes);
  describe_type_or_length(dissector, header, kAristaFixedBytes + time_bytes);
}

}  // namespace wireglass
