#include "decode/vxlan_gpe.hpp"

#include <array>

#include "decode/tunnel_inside.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kHeaderBytes = 8;

// First octet: R R Ver Ver I P B O.
constexpr std::uint8_t kVersionMask = 0x30;
constexpr std::uint8_t kVniPresent = 0x08;
constexpr std::uint8_t kNextProtocolPresent = 0x04;

constexpr std::array<ProtocolId, 6> kNextProtocols = {{
    ProtocolId::kEnd,
    ProtocolId::kIpv4,
    ProtocolId::kIpv6,
    ProtocolId::kEthernet,
    ProtocolId::kNsh,
    ProtocolId::kMpls,
}};

ProtocolId protocol_of_number(std::uint8_t number) {
  return number < kNextProtocols.size() ? kNextProtocols[number] : ProtocolId::kEnd;
}

// Without P it is a VXLAN header, which has a VNI or must show what it carries. Senders exist that fill in
// the next protocol all the same: it counts where an IP packet that fits stands there.
ProtocolId protocol_without_flag(DecodeContext& context, ProtocolId told, bool has_vni) {
  const bool is_ip = told == ProtocolId::kIpv4 || told == ProtocolId::kIpv6;
  const std::uint32_t size = tunnel_remaining(context) - kHeaderBytes;
  if (is_ip && plausible_ip(context, size, kHeaderBytes) == told) return told;
  return has_vni ? ProtocolId::kEthernet : plausible_ethernet(context, kHeaderBytes);
}

}  // namespace

ProtocolId parse_vxlan_gpe(DecodeContext& context) {
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!header) return ProtocolId::kEnd;
  const std::uint8_t flags = header.u8<0>();
  const bool has_next_protocol = (flags & kNextProtocolPresent) != 0;
  const bool has_vni = (flags & kVniPresent) != 0;
  if ((flags & kVersionMask) != 0) return ProtocolId::kEnd;
  const ProtocolId told = protocol_of_number(header.u8<3>());
  const ProtocolId next = has_next_protocol ? told : protocol_without_flag(context, told, has_vni);
  if (!has_next_protocol && next == ProtocolId::kEnd) return ProtocolId::kEnd;
  if (!context.add_header(ProtocolId::kVxlanGpe) || next == ProtocolId::kEnd) return ProtocolId::kEnd;
  context.enter_tunnel(Overlay::kVxlanGpe, has_vni ? header.u32<4>() >> 8 : 0);
  context.cursor.skip(kHeaderBytes);
  return next;
}

void describe_vxlan_gpe(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "vxlan_gpe", offset);
  header.bits("version", 0, 1, 4, 2);
  header.bits("flag_vni", 0, 1, 3);
  header.bits("flag_next_protocol", 0, 1, 2);
  header.bits("flag_bum_traffic", 0, 1, 1);
  header.bits("flag_oam", 0, 1, 0);
  header.number("next_protocol", 3, 1);
  header.number("vni", 4, 3);
  header.extend(kHeaderBytes);
}

}  // namespace wireglass
