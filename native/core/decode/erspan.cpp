#include "decode/erspan.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kType2Bytes = 8;
constexpr std::uint32_t kType3Bytes = 12;
constexpr std::uint32_t kPlatformBytes = 8;
constexpr std::uint32_t kSessionMask = 0x03ff;

constexpr unsigned kVersionOfType2 = 1;
constexpr unsigned kVersionOfType3 = 2;

// Type III's frame type says what is mirrored.
constexpr unsigned kEthernetFrame = 0;
constexpr unsigned kIpPacket = 2;

ProtocolId follow_type_3(DecodeContext& context) {
  const auto header = context.cursor.peek<kType3Bytes>();
  if (!header) return context.refuse_short(kType3Bytes);
  const std::uint16_t kinds = header.u16<10>();
  const std::uint32_t size = kType3Bytes + ((kinds & 1) != 0 ? kPlatformBytes : 0);
  if (!context.cursor.skip(size)) return context.refuse_short(size);
  switch (kinds >> 10 & 0x1f) {
    case kEthernetFrame:
      return ProtocolId::kEthernet;
    case kIpPacket:
      return ProtocolId::kRawIp;
    default:
      return ProtocolId::kEnd;
  }
}

}  // namespace

ProtocolId parse_erspan(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kErspan)) return ProtocolId::kEnd;
  const auto header = context.cursor.peek<kType2Bytes>();
  if (!header) return context.refuse_short(kType2Bytes);
  context.enter_tunnel(Overlay::kErspan, header.u16<2>() & kSessionMask);
  switch (header.u8<0>() >> 4) {
    case kVersionOfType2:
      context.cursor.skip(kType2Bytes);
      return ProtocolId::kEthernet;
    case kVersionOfType3:
      return follow_type_3(context);
    default:
      return context.refuse(DecodeStatus::kMalformed);
  }
}

void describe_erspan(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "erspan", offset);
  header.bits("version", 0, 2, 12, 4);
  header.bits("vlan_id", 0, 2, 0, 12);
  header.bits("class_of_service", 2, 2, 13, 3);
  header.bits("flag_truncated", 2, 2, 10);
  header.bits("session_id", 2, 2, 0, 10);
  std::uint64_t start = 0;
  if (!header.read(0, 1, start)) return;
  if (start >> 4 == kVersionOfType2) {
    header.bits("port_index", 4, 4, 0, 20);
    header.extend(kType2Bytes);
    return;
  }
  header.number("timestamp", 4, 4);
  header.number("security_group_tag", 8, 2);
  header.bits("frame_type", 10, 2, 10, 5);
  header.bits("hardware_id", 10, 2, 4, 6);
  header.bits("direction", 10, 2, 3);
  header.bits("granularity", 10, 2, 1, 2);
  header.bits("flag_platform_header", 10, 2, 0);
  std::uint64_t kinds = 0;
  if (header.read(10, 2, kinds) && (kinds & 1) != 0) {
    header.blob("platform_specific", kType3Bytes, kPlatformBytes);
  }
}

}  // namespace wireglass
