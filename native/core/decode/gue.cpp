#include "decode/gue.hpp"

#include <array>

#include "decode/tunnel_inside.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kHeaderBytes = 4;  // without what the header length tells
constexpr std::uint8_t kControl = 0x20;
constexpr std::uint8_t kLengthMask = 0x1f;  // in units of four octets

constexpr std::uint16_t kGreFlags = 0xb000;  // checksum, key, sequence; all else is 0 (RFC 2784 section 2.3)

struct InsideRow {
  std::uint8_t ip_protocol;
  ProtocolId protocol;
};
// IP protocols that carry packets. A transport header without one of IP is not followed.
constexpr std::array<InsideRow, 9> kInside = {{
    {4, ProtocolId::kIpv4},
    {41, ProtocolId::kIpv6},
    {47, ProtocolId::kGre},
    {50, ProtocolId::kEsp},
    {97, ProtocolId::kEtherIp},
    {108, ProtocolId::kIpComp},
    {115, ProtocolId::kL2tpIp},
    {137, ProtocolId::kMpls},
    {143, ProtocolId::kEthernet},
}};

ProtocolId protocol_inside(std::uint8_t ip_protocol) {
  for (const InsideRow& row : kInside) {
    if (row.ip_protocol == ip_protocol) return row.protocol;
  }
  return ProtocolId::kEnd;
}

// Variant 1 is no header: its two bits are those that the version of an IP header begins with.
ProtocolId follow_variant_1(DecodeContext& context) {
  const ProtocolId next = plausible_ip(context, tunnel_remaining(context));
  if (next != ProtocolId::kEnd) context.enter_tunnel(Overlay::kGue, 0);
  return next;
}

bool looks_like_gre(const DecodeContext& context) {
  const auto start = context.cursor.peek<4>();
  if (!start || (start.u16<0>() & ~kGreFlags) != 0) return false;
  constexpr std::array<std::uint16_t, 4> kTypes = {0x0800, 0x86dd, 0x6558, 0x8847};
  for (const std::uint16_t type : kTypes) {
    if (start.u16<2>() == type) return true;
  }
  return false;
}

}  // namespace

ProtocolId parse_gue(DecodeContext& context) {
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!header) return ProtocolId::kEnd;
  const unsigned variant = header.u8<0>() >> 6;
  if (variant == 1) return follow_variant_1(context);
  if (variant != 0 || (header.u8<0>() & kControl) != 0) return ProtocolId::kEnd;
  const std::uint32_t size = kHeaderBytes + (header.u8<0>() & kLengthMask) * 4U;
  const std::uint32_t remaining = tunnel_remaining(context);
  const ProtocolId next = protocol_inside(header.u8<1>());
  if (next == ProtocolId::kEnd || size >= remaining) return ProtocolId::kEnd;
  const bool is_ip = next == ProtocolId::kIpv4 || next == ProtocolId::kIpv6;
  if (is_ip && plausible_ip(context, remaining - size, size) != next) return ProtocolId::kEnd;
  if (!context.add_header(ProtocolId::kGue)) return ProtocolId::kEnd;
  context.enter_tunnel(Overlay::kGue, 0);
  return context.cursor.skip(size) ? next : context.refuse_short(size);
}

void describe_gue(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "gue", offset);
  header.bits("variant", 0, 1, 6, 2);
  header.bits("flag_control", 0, 1, 5);
  header.bits("header_length", 0, 1, 0, 5);
  header.number("protocol", 1, 1);
  header.hex("flags", 2, 2);
  std::uint64_t first = 0;
  if (!header.read(0, 1, first)) return;
  const auto options = static_cast<std::uint32_t>((first & kLengthMask) * 4);
  if (options > 0) header.blob("extension_fields", kHeaderBytes, options);
}

ProtocolId parse_fou(DecodeContext& context) {
  const ProtocolId next = plausible_ip(context, tunnel_remaining(context));
  if (next == ProtocolId::kEnd) return looks_like_gre(context) ? ProtocolId::kGre : ProtocolId::kEnd;
  context.enter_tunnel(Overlay::kFou, 0);
  return next;
}

}  // namespace wireglass
