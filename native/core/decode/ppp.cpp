#include "decode/ppp.hpp"

#include <array>

namespace wireglass {
namespace {

constexpr std::uint16_t kAddressAndControl = 0xff03;

// Addresses of Cisco HDLC, which synchronous interfaces mix in (RFC 1547 section 4.3.1).
constexpr bool is_cisco_hdlc(std::uint8_t address) { return address == 0x0f || address == 0x8f; }

struct PppRow {
  std::uint16_t protocol;
  ProtocolId next;
};
constexpr std::array<PppRow, 7> kPppProtocols = {{
    {0x0021, ProtocolId::kIpv4},  // RFC 1332 section 2
    {0x0057, ProtocolId::kIpv6},  // RFC 5072 section 2
    {0x0031, ProtocolId::kPppBridge},
    {0x0281, ProtocolId::kMpls},  // RFC 3032 section 4.3
    {0x0283, ProtocolId::kMpls},  // the same, multicast
    {0x0800, ProtocolId::kIpv4},  // an EtherType in its place, seen in the wild
    {0x86dd, ProtocolId::kIpv6},
}};

}  // namespace

ProtocolId parse_ppp(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kPpp)) return ProtocolId::kEnd;
  auto start = context.cursor.peek<2>();
  if (!start) return context.refuse_short(2);
  if (is_cisco_hdlc(start.u8<0>())) return ProtocolId::kCiscoHdlc;
  if (start.u16<0>() == kAddressAndControl) {
    context.cursor.skip(2);
    start = context.cursor.peek<2>();
    if (!start) return context.refuse_short(2);
  }
  // An odd first octet is the last one: the protocol field was compressed (RFC 1661 section 6.5).
  const bool is_compressed = (start.u8<0>() & 1) != 0;
  const std::uint16_t protocol = is_compressed ? start.u8<0>() : start.u16<0>();
  context.cursor.skip(is_compressed ? 1 : 2);
  for (const PppRow& row : kPppProtocols) {
    if (row.protocol == protocol) return row.next;
  }
  return ProtocolId::kEnd;
}

void describe_ppp(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "ppp", offset);
  std::uint32_t at = 0;
  std::uint64_t start = 0;
  if (header.read(0, 2, start) && start == kAddressAndControl) {
    header.hex("address", 0, 1);
    header.hex("control", 1, 1);
    at = 2;
  }
  std::uint64_t first = 0;
  if (!header.read(at, 1, first) || (at == 0 && is_cisco_hdlc(static_cast<std::uint8_t>(first)))) return;
  header.hex("protocol", at, (first & 1) != 0 ? 1 : 2);
}

}  // namespace wireglass
