#include "decode/ip_in_ip.hpp"

namespace wireglass {
namespace {
constexpr std::uint32_t kEtherIpBytes = 2;
constexpr std::uint8_t kEtherIpVersion = 3;
}  // namespace

ProtocolId parse_ip_in_ip(DecodeContext& context) {
  const bool is_routed = context.decoded().flow_layer().has_segment_routing;
  context.enter_tunnel(is_routed ? Overlay::kSrv6 : Overlay::kIpInIp, 0);
  return ProtocolId::kRawIp;
}

ProtocolId parse_ethernet_in_ip(DecodeContext& context) {
  // A source route of one segment needs no segment routing header (RFC 8986 section 5.2).
  const bool is_ipv6 = context.decoded().flow_layer().version == 6;
  context.enter_tunnel(is_ipv6 ? Overlay::kSrv6 : Overlay::kEtherIp, 0);
  return ProtocolId::kEthernet;
}

ProtocolId parse_ether_ip(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kEtherIp)) return ProtocolId::kEnd;
  const auto header = context.cursor.peek<kEtherIpBytes>();
  if (!header) return context.stop_inside_short(kEtherIpBytes);
  if (header.u8<0>() >> 4 != kEtherIpVersion) return context.stop_inside(DecodeStatus::kMalformed);
  context.enter_tunnel(Overlay::kEtherIp, 0);
  context.cursor.skip(kEtherIpBytes);
  return ProtocolId::kEthernet;
}

void describe_ether_ip(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "ether_ip", offset);
  header.bits("version", 0, 2, 12, 4);
  header.extend(kEtherIpBytes);
}

}  // namespace wireglass
