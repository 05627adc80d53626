#include "decode/link_direction.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kPppdBytes = 2;
constexpr std::uint8_t kMaxPppdDirection = 1;
constexpr std::uint8_t kPppControl = 0x03;

ProtocolId skip_direction(DecodeContext& context, ProtocolId self, ProtocolId next) {
  if (!context.add_header(self)) return ProtocolId::kEnd;
  return context.cursor.skip(1) ? next : context.refuse_short(1);
}

void describe_direction(Dissector& dissector, std::string_view name, std::uint32_t offset) {
  HeaderWriter(dissector, name, offset).number("direction", 0, 1);
}

}  // namespace

ProtocolId parse_ppp_with_direction(DecodeContext& context) {
  return skip_direction(context, ProtocolId::kPppWithDirection, ProtocolId::kPpp);
}
void describe_ppp_with_direction(Dissector& dissector, std::uint32_t offset) {
  describe_direction(dissector, "ppp_with_direction", offset);
}

ProtocolId parse_cisco_hdlc_with_direction(DecodeContext& context) {
  return skip_direction(context, ProtocolId::kCiscoHdlcWithDirection, ProtocolId::kCiscoHdlc);
}
void describe_cisco_hdlc_with_direction(Dissector& dissector, std::uint32_t offset) {
  describe_direction(dissector, "cisco_hdlc_with_direction", offset);
}

ProtocolId parse_frame_relay_with_direction(DecodeContext& context) {
  return skip_direction(context, ProtocolId::kFrameRelayWithDirection, ProtocolId::kFrameRelay);
}
void describe_frame_relay_with_direction(Dissector& dissector, std::uint32_t offset) {
  describe_direction(dissector, "frame_relay_with_direction", offset);
}

ProtocolId parse_pppd(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kPppd)) return ProtocolId::kEnd;
  const auto header = context.cursor.peek<kPppdBytes>();
  if (!header) return context.refuse_short(kPppdBytes);
  if (header.u8<0>() <= kMaxPppdDirection && header.u8<1>() == kPppControl) context.cursor.skip(kPppdBytes);
  return ProtocolId::kPpp;
}
void describe_pppd(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "pppd", offset);
  std::uint64_t start = 0;
  if (!header.read(0, kPppdBytes, start) || (start & 0xff) != kPppControl) return;
  if (start >> 8 > kMaxPppdDirection) return;
  header.number("direction", 0, 1);
  header.hex("control", 1, 1);
}

}  // namespace wireglass
