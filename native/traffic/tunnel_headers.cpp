#include "traffic/tunnel_headers.hpp"

#include <array>

#include "traffic/headers.hpp"
#include "traffic/link_tunnels.hpp"
#include "traffic/wire.hpp"

namespace wireglass {
namespace {

// Its middle octets are no assigned OUI: behind a control word, tshark looks there for the source of a plain
// frame.
constexpr std::uint64_t kInnerMac = 0x02007e000100;
constexpr std::uint64_t kOuterMac = 0x020000000200;
constexpr std::uint8_t kProtocolIpv4InIp = 4;
constexpr std::uint8_t kProtocolIpv6InIp = 41;
constexpr std::uint8_t kProtocolRouting = 43;
constexpr std::uint8_t kProtocolGre = 47;
constexpr std::uint8_t kProtocolEtherIp = 97;
constexpr std::uint16_t kVxlan = 4789;
constexpr std::uint16_t kLinuxVxlan = 8472;
constexpr std::uint16_t kVxlanGpe = 4790;
constexpr std::uint16_t kGeneve = 6081;
constexpr std::uint16_t kGtpU = 2152;
constexpr std::uint16_t kLisp = 4341;
constexpr std::uint16_t kTeredo = 3544;
constexpr std::uint16_t kL2tp = 1701;

std::uint8_t wrap_vxlan(TunnelledPacket& packet, const TunnelFields& fields) {
  packet.inner_ethernet(fields);
  std::byte* at = packet.front(8);
  put32(at, 0x08000000);
  put32(at + 4, fields.tenant << 8);
  packet.udp(tunnel_source_port(fields), (fields.hash & 0x100) != 0 ? kVxlan : kLinuxVxlan);
  return kProtocolUdp;
}

std::uint8_t wrap_vxlan_gpe(TunnelledPacket& packet, const TunnelFields& fields) {
  std::byte* at = packet.front(8);
  put32(at, 0x0c000000 | (fields.inner_ipv6 ? 2 : 1));
  put32(at + 4, fields.tenant << 8);
  packet.udp(tunnel_source_port(fields), kVxlanGpe);
  return kProtocolUdp;
}

// With an option of 8 octets and a critical one of 4 in front of Ethernet, without any in front of IP.
std::uint8_t wrap_geneve(TunnelledPacket& packet, const TunnelFields& fields) {
  const bool is_ethernet = (fields.hash & 0x100) != 0;
  if (is_ethernet) packet.inner_ethernet(fields);
  std::byte* at = packet.front(is_ethernet ? 20 : 8);
  put16(at, is_ethernet ? 0x0340 : 0);
  put16(at + 2, is_ethernet ? 0x6558 : ethertype_of(fields.inner_ipv6));
  put32(at + 4, fields.tenant << 8);
  if (is_ethernet) {
    put32(at + 8, 0x01020301);
    put32(at + 12, static_cast<std::uint32_t>(fields.hash));
    put32(at + 16, 0x01028400);
  }
  packet.udp(tunnel_source_port(fields), kGeneve);
  return kProtocolUdp;
}

// A PDU session container (3GPP TS 38.415), and an endpoint identifier of its own for each direction.
std::uint8_t wrap_gtp_u(TunnelledPacket& packet, const TunnelFields& fields) {
  const std::uint32_t inner_bytes = packet.size();
  std::byte* at = packet.front(16);
  put16(at, 0x34ff);
  put16(at + 2, static_cast<std::uint16_t>(inner_bytes + 8));
  put32(at + 4, fields.tenant << 1 | (fields.forward ? 1 : 0));
  put32(at + 8, 0x00000085);
  put32(at + 12, fields.forward ? 0x01100900 : 0x01000900);
  packet.udp(kGtpU, kGtpU);
  return kProtocolUdp;
}

std::uint8_t wrap_lisp(TunnelledPacket& packet, const TunnelFields& fields) {
  std::byte* at = packet.front(8);
  put32(at, 0x08000000);
  put32(at + 4, fields.tenant << 8);
  packet.udp(tunnel_source_port(fields), kLisp);
  return kProtocolUdp;
}

std::uint8_t wrap_lisp_gpe(TunnelledPacket& packet, const TunnelFields& fields) {
  packet.inner_ethernet(fields);
  std::byte* at = packet.front(8);
  put32(at, 0x8c123403);  // a nonce of 16 bits, Ethernet inside
  put32(at + 4, fields.tenant << 8);
  packet.udp(tunnel_source_port(fields), kLisp);
  return kProtocolUdp;
}

std::uint8_t wrap_teredo(TunnelledPacket& packet, const TunnelFields& fields) {
  if (!fields.forward) {
    std::byte* at = packet.front(8);
    put32(at, 0x0000ffff);
    put32(at + 4, 0x3fffedfd);
  }
  packet.udp(fields.forward ? tunnel_source_port(fields) : kTeredo,
             fields.forward ? kTeredo : tunnel_source_port(fields));
  return kProtocolUdp;
}

std::uint8_t wrap_l2tp(TunnelledPacket& packet, const TunnelFields& fields) {
  put32(packet.front(4), 0xff030000 | (fields.inner_ipv6 ? 0x57 : 0x21));
  const std::uint32_t inner_bytes = packet.size();
  std::byte* at = packet.front(8);
  put16(at, 0x4002);
  put16(at + 2, static_cast<std::uint16_t>(inner_bytes + 8));
  put16(at + 4, fields.forward ? 1 : 2);
  put16(at + 6, static_cast<std::uint16_t>(fields.tenant));
  packet.udp(kL2tp, kL2tp);
  return kProtocolUdp;
}

std::uint8_t wrap_gre(TunnelledPacket& packet, const TunnelFields& fields) {
  const bool is_ethernet = (fields.hash & 0x100) != 0;
  if (is_ethernet) packet.inner_ethernet(fields);
  std::byte* at = packet.front(8);
  put16(at, 0x2000);
  put16(at + 2, is_ethernet ? 0x6558 : ethertype_of(fields.inner_ipv6));
  put32(at + 4, fields.tenant);
  return kProtocolGre;
}

// ERSPAN type II in GRE with a sequence number: a copy of a frame, whose session is the tenant.
std::uint8_t wrap_erspan(TunnelledPacket& packet, const TunnelFields& fields) {
  packet.inner_ethernet(fields);
  std::byte* at = packet.front(16);
  put32(at, 0x100088be);
  put32(at + 4, static_cast<std::uint32_t>(fields.hash));
  put32(at + 8, 0x10010000 | fields.tenant);
  put32(at + 12, 1);
  return kProtocolGre;
}

std::uint8_t wrap_ip_in_ip(TunnelledPacket&, const TunnelFields& fields) {
  return fields.inner_ipv6 ? kProtocolIpv6InIp : kProtocolIpv4InIp;
}

std::uint8_t wrap_ether_ip(TunnelledPacket& packet, const TunnelFields& fields) {
  packet.inner_ethernet(fields);
  put16(packet.front(2), 0x3000);
  return kProtocolEtherIp;
}

// A segment routing header (RFC 8754) whose only segment has been reached.
std::uint8_t wrap_srv6(TunnelledPacket& packet, const TunnelFields& fields) {
  const IpAddress segment = tunnel_destination(fields);
  std::byte* at = packet.front(24);
  put8(at, fields.inner_ipv6 ? kProtocolIpv6InIp : kProtocolIpv4InIp);
  put8(at + 1, 2);
  put16(at + 2, 0x0400);
  put32(at + 4, 0);
  put64(at + 8, segment.hi);
  put64(at + 16, segment.lo);
  return kProtocolRouting;
}

constexpr auto kKinds = std::to_array<TunnelKind>({
    {Overlay::kNone, nullptr},
    {Overlay::kNone, wrap_qinq},
    {Overlay::kNone, wrap_pppoe},
    {Overlay::kNone, wrap_mpls_ip},
    {Overlay::kVxlan, wrap_vxlan},
    {Overlay::kVxlanGpe, wrap_vxlan_gpe},
    {Overlay::kGeneve, wrap_geneve},
    {Overlay::kGtpU, wrap_gtp_u},
    {Overlay::kLisp, wrap_lisp},
    {Overlay::kLispGpe, wrap_lisp_gpe},
    {Overlay::kTeredo, wrap_teredo, true},
    {Overlay::kL2tp, wrap_l2tp},
    {Overlay::kGre, wrap_gre},
    {Overlay::kErspan, wrap_erspan},
    {Overlay::kIpInIp, wrap_ip_in_ip},
    {Overlay::kEtherIp, wrap_ether_ip},
    {Overlay::kSrv6, wrap_srv6, false, true},
    {Overlay::kMpls, wrap_mpls_ethernet},
    {Overlay::kNsh, wrap_nsh},
    {Overlay::kPbb, wrap_pbb},
});

EthernetFields ethernet_fields(std::uint64_t base_mac, bool forward, bool ipv6) {
  return {base_mac + (forward ? 1 : 0), base_mac + (forward ? 0 : 1), 0, ipv6};
}

IpAddress site(const TunnelFields& fields, bool lower) {
  const std::uint64_t number = (fields.hash >> 40 & 0x3f) << 1 | (lower ? 0 : 1);
  if (fields.outer_ipv6) return {0x20010db8ffff0000, number + 1};
  return ipv4_address(static_cast<std::uint32_t>(0xc6120001 + number));
}

}  // namespace

void TunnelledPacket::inner_ethernet(const TunnelFields& fields) {
  put_ethernet(front(kEthernetHeaderBytes), ethernet_fields(kInnerMac, fields.forward, fields.inner_ipv6));
}

void TunnelledPacket::outer_ethernet(const TunnelFields& fields) {
  put_ethernet(front(kEthernetHeaderBytes), ethernet_fields(kOuterMac, fields.forward, fields.outer_ipv6));
}

void TunnelledPacket::link_ethernet(const TunnelFields& fields, std::uint16_t ethertype) {
  outer_ethernet(fields);
  put16(start_ + kEthernetHeaderBytes - 2, ethertype);
}

void TunnelledPacket::udp(std::uint16_t src_port, std::uint16_t dst_port) {
  std::byte* at = front(kUdpHeaderBytes);
  put16(at, src_port);
  put16(at + 2, dst_port);
  put16(at + 4, static_cast<std::uint16_t>(size_));
  put16(at + 6, 0);  // no checksum, as tunnels may have it (RFC 6935)
}

void TunnelledPacket::outer_ip(const TunnelFields& fields, std::uint8_t protocol) {
  IpFields ip;
  ip.ipv6 = fields.outer_ipv6;
  ip.src = tunnel_source(fields);
  ip.dst = tunnel_destination(fields);
  ip.protocol = protocol;
  ip.payload_length = size_;
  put_ip(front(ip.header_bytes()), ip);
}

std::uint16_t ethertype_of(bool ipv6) { return ipv6 ? 0x86dd : 0x0800; }

std::span<const TunnelKind> tunnel_kinds() { return kKinds; }

IpAddress tunnel_source(const TunnelFields& fields) { return site(fields, fields.forward); }
IpAddress tunnel_destination(const TunnelFields& fields) { return site(fields, !fields.forward); }

std::uint16_t tunnel_source_port(const TunnelFields& fields) {
  return static_cast<std::uint16_t>(49152 | (fields.hash >> 16 & 0x3fff));
}

}  // namespace wireglass
