#include "decode/juniper.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kFixedBytes = 4;
constexpr std::uint32_t kMagic = 0x4d4743;  // "MGC"
constexpr std::uint8_t kNoLinkHeader = 0x02;
constexpr std::uint8_t kHasExtensions = 0x80;
constexpr std::uint32_t kExtensionLengthBytes = 2;
constexpr std::uint32_t kProtocolBytes = 4;

// What stands behind the header of an interface without link layer, least significant byte first.
ProtocolId protocol_of_payload(std::uint32_t protocol) {
  switch (protocol) {
    case 2:
      return ProtocolId::kIpv4;
    case 6:
      return ProtocolId::kIpv6;
    case 200:
      return ProtocolId::kPpp;
    default:
      return ProtocolId::kEnd;
  }
}

ProtocolId enter_payload(DecodeContext& context) {
  const auto protocol = context.cursor.peek<kProtocolBytes>();
  if (!protocol) return context.refuse_short(kProtocolBytes);
  context.cursor.skip(kProtocolBytes);
  return protocol_of_payload(protocol.u32_le<0>());
}

// `cookie_bytes`: what the interface's hardware puts in front of the frame.
ProtocolId parse(DecodeContext& context, ProtocolId next, std::uint32_t cookie_bytes) {
  const auto header = context.cursor.peek<kFixedBytes>();
  if (!context.add_header(ProtocolId::kJuniper)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kFixedBytes);
  if (header.u32<0>() >> 8 != kMagic) return context.refuse(DecodeStatus::kMalformed);
  context.cursor.skip(kFixedBytes);
  const std::uint8_t flags = header.u8<3>();
  if ((flags & kHasExtensions) != 0) {
    const auto length = context.cursor.peek<kExtensionLengthBytes>();
    if (!length) return context.refuse_short(kExtensionLengthBytes);
    const std::uint32_t size = kExtensionLengthBytes + length.u16<0>();
    if (!context.cursor.skip(size)) return context.refuse_short(size);
  }
  if ((flags & kNoLinkHeader) != 0) return enter_payload(context);
  if (!context.cursor.skip(cookie_bytes)) return context.refuse_short(cookie_bytes);
  return next;
}

}  // namespace

ProtocolId parse_juniper_ethernet(DecodeContext& context) { return parse(context, ProtocolId::kEthernet, 0); }
ProtocolId parse_juniper_ppp(DecodeContext& context) { return parse(context, ProtocolId::kPpp, 0); }
ProtocolId parse_juniper_frame_relay(DecodeContext& context) {
  return parse(context, ProtocolId::kFrameRelay, 0);
}
ProtocolId parse_juniper_chdlc(DecodeContext& context) { return parse(context, ProtocolId::kCiscoHdlc, 0); }
ProtocolId parse_juniper_atm1(DecodeContext& context) { return parse(context, ProtocolId::kAtmPayload, 4); }
ProtocolId parse_juniper_atm2(DecodeContext& context) { return parse(context, ProtocolId::kAtmPayload, 8); }
ProtocolId parse_juniper_ggsn(DecodeContext& context) {
  const ProtocolId next = parse(context, ProtocolId::kLlc, 0);
  return next == ProtocolId::kLlc ? enter_payload(context) : next;
}

void describe_juniper(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "juniper", offset);
  header.hex("magic", 0, 3);
  header.bits("has_extensions", 3, 1, 7);
  header.bits("no_link_header", 3, 1, 1);
  header.bits("incoming", 3, 1, 0);
  std::uint64_t start = 0;
  std::uint64_t length = 0;
  if (!header.read(0, kFixedBytes, start)) return;
  std::uint32_t at = kFixedBytes;
  if ((start & kHasExtensions) != 0 && header.read(at, kExtensionLengthBytes, length)) {
    at += kExtensionLengthBytes;
    header.blob("extensions", at, static_cast<std::uint32_t>(length));
    at += static_cast<std::uint32_t>(length);
  }
  if ((start & kNoLinkHeader) != 0) header.number_le("payload_protocol", at, kProtocolBytes);
}

}  // namespace wireglass
