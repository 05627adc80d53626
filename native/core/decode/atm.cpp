#include "decode/atm.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kSunAtmBytes = 4;
constexpr std::uint8_t kTrafficMask = 0x0f;
constexpr std::uint8_t kUnknownTraffic = 0;
constexpr std::uint8_t kLaneTraffic = 1;
constexpr std::uint8_t kLlcTraffic = 2;

constexpr std::uint32_t kLaneBytes = 2;
constexpr std::uint16_t kLaneControl = 0xff00;

constexpr std::uint32_t kSnap = 0xaaaa03;
constexpr std::uint32_t kIso = 0xfefe03;

}  // namespace

ProtocolId parse_sunatm(DecodeContext& context) {
  const auto header = context.cursor.peek<kSunAtmBytes>();
  if (!context.add_header(ProtocolId::kSunAtm)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kSunAtmBytes);
  context.cursor.skip(kSunAtmBytes);
  switch (header.u8<0>() & kTrafficMask) {
    case kUnknownTraffic:
      return ProtocolId::kAtmPayload;
    case kLaneTraffic:
      return ProtocolId::kLane;
    case kLlcTraffic:
      return ProtocolId::kLlc;
    default:
      return ProtocolId::kEnd;  // signalling and management
  }
}

void describe_sunatm(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "sunatm", offset);
  header.bits("direction", 0, 1, 7);
  header.bits("traffic_type", 0, 1, 0, 4);
  header.number("virtual_path", 1, 1);
  header.number("virtual_channel", 2, 2);
}

ProtocolId parse_atm_payload(DecodeContext& context) {
  // Nothing in the cells tells which it is; LLC headers do not look like IP.
  const auto start = context.cursor.peek<4>();
  if (!start) return context.refuse_short(4);
  const bool is_llc = (start.u32<0>() >> 8 == kSnap || start.u32<0>() >> 8 == kIso);
  return is_llc ? ProtocolId::kLlc : ProtocolId::kRawIp;
}

ProtocolId parse_lane(DecodeContext& context) {
  const auto header = context.cursor.peek<kLaneBytes>();
  if (!context.add_header(ProtocolId::kLane)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kLaneBytes);
  context.cursor.skip(kLaneBytes);
  return header.u16<0>() == kLaneControl ? ProtocolId::kEnd : ProtocolId::kEthernet;
}

void describe_lane(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter(dissector, "lane", offset).hex("client_id", 0, kLaneBytes);
}

}  // namespace wireglass
