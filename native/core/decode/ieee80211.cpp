#include "decode/ieee80211.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kFrameControlBytes = 2;
constexpr std::uint32_t kHeaderBytes = 24;  // of a data frame with three addresses
constexpr std::uint32_t kAddressBytes = 6;
constexpr std::uint32_t kQosBytes = 2;
constexpr std::uint32_t kHighThroughputBytes = 4;
constexpr std::uint32_t kMeshBytes = 6;

// Frame control (IEEE 802.11-2020 section 9.2.4.1), first octet, then second octet.
constexpr std::uint8_t kVersionMask = 0x03;
constexpr std::uint8_t kTypeMask = 0x0c;
constexpr std::uint8_t kTypeData = 0x08;
constexpr std::uint8_t kSubtypeNoData = 0x40;
constexpr std::uint8_t kSubtypeQos = 0x80;
constexpr std::uint8_t kToDs = 0x01;
constexpr std::uint8_t kFromDs = 0x02;
constexpr std::uint8_t kProtected = 0x40;
constexpr std::uint8_t kOrder = 0x80;

constexpr std::uint16_t kFragmentNumberMask = 0x000f;  // of the sequence control field
constexpr std::uint32_t kSubframeBytes = 14;
constexpr std::uint8_t kAmsduPresent = 0x80;  // of the QoS control field's first octet
constexpr std::uint8_t kMeshPresent = 0x01;   // of its second octet
constexpr std::uint8_t kMeshExtensionMask = 0x03;

bool has_four_addresses(std::uint8_t flags) { return (flags & (kToDs | kFromDs)) == (kToDs | kFromDs); }

// Octets of a data frame's header up to the QoS control field.
std::uint32_t address_part_bytes(std::uint8_t flags) {
  return kHeaderBytes + (has_four_addresses(flags) ? kAddressBytes : 0);
}

std::uint32_t header_bytes(std::uint8_t first, std::uint8_t flags) {
  std::uint32_t size = address_part_bytes(flags);
  if ((first & kSubtypeQos) == 0) return size;
  size += kQosBytes;
  return (flags & kOrder) != 0 ? size + kHighThroughputBytes : size;
}

// Octets of a mesh control field (section 9.2.4.7.3) at `at`. Access points use the bit that announces it for
// something else, so its reserved bits have to agree.
std::uint32_t mesh_bytes(const Cursor& cursor, std::uint32_t at, std::uint8_t flags, std::uint64_t qos) {
  std::uint64_t mesh_flags = 0;
  if ((flags & kFromDs) == 0 || (qos & kMeshPresent) == 0 || !cursor.read_at(at, 1, mesh_flags)) return 0;
  const std::uint64_t extension_addresses = mesh_flags & kMeshExtensionMask;
  if ((mesh_flags & ~std::uint64_t{kMeshExtensionMask}) != 0 || extension_addresses == kMeshExtensionMask) {
    return 0;
  }
  return kMeshBytes + static_cast<std::uint32_t>(extension_addresses) * kAddressBytes;
}

// Some hardware aligns what follows to four octets and leaves the gap in the capture. Radiotap has a flag for
// it that not every driver sets, so the gap is told by the LLC header behind it.
ProtocolId enter_llc(DecodeContext& context, std::uint32_t header_size) {
  constexpr std::uint32_t kGapBytes = 2;
  constexpr std::uint32_t kSnap = 0xaaaa03;
  if (header_size % 4 == 0 || context.wire_remaining() < kGapBytes + 3) return ProtocolId::kLlc;
  const auto start = context.cursor.peek<kGapBytes + 3>();
  if (!start) return context.refuse_short(kGapBytes + 3);
  if (start.u32<0>() >> 8 != kSnap && (start.u32<1>() & 0xffffff) == kSnap) context.cursor.skip(kGapBytes);
  return ProtocolId::kLlc;
}

// A subframe's header is that of an 802.3 frame: two addresses and a length (section 9.3.2.2.2). Each but the
// last one is padded to four octets. One packet makes one flow: those behind the first one are only told of.
ProtocolId enter_aggregate(DecodeContext& context) {
  std::uint64_t length = 0;
  std::uint64_t next_length = 0;
  const std::uint32_t start = context.cursor.offset();
  if (!context.cursor.read_at(start + kSubframeBytes - 2, 2, length)) return ProtocolId::kEthernet;
  const auto size = kSubframeBytes + static_cast<std::uint32_t>(length);
  const std::uint32_t padded = (size + 3) & ~3U;
  const std::uint32_t wire = context.wire_remaining();
  const bool has_next = padded + kSubframeBytes <= wire &&
                        (!context.cursor.read_at(start + padded + kSubframeBytes - 2, 2, next_length) ||
                         (next_length > 0 && padded + kSubframeBytes + next_length <= wire));
  if (has_next) context.decoded().inner_status = DecodeStatus::kAggregated;
  context.narrow(size);
  return ProtocolId::kEthernet;
}

ProtocolId parse_frame(DecodeContext& context, std::uint8_t first, std::uint8_t flags) {
  if ((first & kVersionMask) != 0 || (first & kTypeMask) != kTypeData || (first & kSubtypeNoData) != 0 ||
      (flags & kProtected) != 0) {
    return ProtocolId::kEnd;
  }
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!header) return context.refuse_short(kHeaderBytes);
  if ((header.u16_le<22>() & kFragmentNumberMask) != 0) return ProtocolId::kEnd;

  std::uint64_t qos = 0;
  const std::uint32_t qos_at = context.cursor.offset() + address_part_bytes(flags);
  const bool is_qos = (first & kSubtypeQos) != 0;
  const std::uint32_t size = header_bytes(first, flags);
  if (is_qos && !context.cursor.read_at(qos_at, kQosBytes, qos)) return context.refuse_short(size);
  if (!context.cursor.skip(size)) return context.refuse_short(size);
  if (is_qos && (qos >> 8 & kAmsduPresent) != 0) return enter_aggregate(context);
  const std::uint32_t mesh = is_qos ? mesh_bytes(context.cursor, context.cursor.offset(), flags, qos) : 0;
  if (!context.cursor.skip(mesh)) return context.refuse_short(mesh);
  return enter_llc(context, size);
}

void describe_frame(Dissector& dissector, std::uint32_t offset, std::uint32_t first_at) {
  const std::uint32_t flags_at = 1 - first_at;
  HeaderWriter header(dissector, "ieee80211", offset);
  header.bits("type", first_at, 1, 2, 2);
  header.bits("subtype", first_at, 1, 4, 4);
  header.bits("to_ds", flags_at, 1, 0);
  header.bits("from_ds", flags_at, 1, 1);
  header.bits("more_fragments", flags_at, 1, 2);
  header.bits("retry", flags_at, 1, 3);
  header.bits("protected", flags_at, 1, 6);
  std::uint64_t octet = 0;
  if (!header.read(first_at, 1, octet)) return;
  const auto first = static_cast<std::uint8_t>(octet);
  if (!header.read(flags_at, 1, octet)) return;
  const auto flags = static_cast<std::uint8_t>(octet);
  header.number_le("duration", 2, 2);
  header.mac("address_1", 4);
  if ((first & kTypeMask) != kTypeData) return;
  header.mac("address_2", 10);
  header.mac("address_3", 16);
  header.number_le("sequence_control", 22, 2);
  if (has_four_addresses(flags)) header.mac("address_4", kHeaderBytes);
  if ((first & kSubtypeQos) != 0) header.hex("qos_control", address_part_bytes(flags), kQosBytes);
  header.extend(header_bytes(first, flags));
}

// A data frame's first octet has version 0 and its type in the lower half, which the flags cannot have: in
// frames to or from a distribution system one of their lowest two bits is set.
bool is_control_swapped(std::uint64_t second_octet) {
  return (second_octet & (kVersionMask | kTypeMask)) == kTypeData;
}

}  // namespace

ProtocolId parse_ieee80211(DecodeContext& context) {
  const auto control = context.cursor.peek<kFrameControlBytes>();
  if (!context.add_header(ProtocolId::kIeee80211)) return ProtocolId::kEnd;
  if (!control) return context.refuse_short(kFrameControlBytes);
  return parse_frame(context, control.u8<0>(), control.u8<1>());
}

ProtocolId parse_ieee80211_any_order(DecodeContext& context) {
  const auto control = context.cursor.peek<kFrameControlBytes>();
  if (!context.add_header(ProtocolId::kIeee80211AnyOrder)) return ProtocolId::kEnd;
  if (!control) return context.refuse_short(kFrameControlBytes);
  return is_control_swapped(control.u8<1>()) ? parse_frame(context, control.u8<1>(), control.u8<0>())
                                             : parse_frame(context, control.u8<0>(), control.u8<1>());
}

void describe_ieee80211(Dissector& dissector, std::uint32_t offset) { describe_frame(dissector, offset, 0); }

void describe_ieee80211_any_order(Dissector& dissector, std::uint32_t offset) {
  std::uint64_t second = 0;
  const bool is_read = dissector.bytes().read_at(offset + 1, 1, second);
  describe_frame(dissector, offset, is_read && is_control_swapped(second) ? 1 : 0);
}

}  // namespace wireglass
