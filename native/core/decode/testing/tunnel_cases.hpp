#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "decode/testing/decode_helpers.hpp"
#include "decode/tunnel_identifier.hpp"

namespace wireglass::testing {

inline constexpr unsigned kTcpNumber = 6;
inline constexpr unsigned kUdpNumber = 17;

/// What tests put into tunnels: 20 octets in TCP from port 1000 to 2000 with flags 0x18.
inline PacketBuilder inner_ipv4() { return PacketBuilder(20).tcp(1000, 2000, 0x18).ipv4(kTcpNumber); }
inline PacketBuilder inner_ipv6() { return PacketBuilder(20).tcp(1000, 2000, 0x18).ipv6(kTcpNumber); }
inline PacketBuilder inner_ethernet() { return inner_ipv4().ethernet(0x0800); }

/// The tunnel's packet, from its header to its end, in UDP from 61000 to `port` over IPv4.
inline PacketBuilder over_udp(PacketBuilder tunnel, unsigned port) {
  return tunnel.udp(61000, port).ipv4(kUdpNumber);
}

/// The same packet with `header` in front.
inline PacketBuilder behind(PacketBuilder inside, std::initializer_list<unsigned> header) {
  return inside.front(header);
}

struct TunnelCase {
  std::string name;
  PacketBuilder tunnel;  ///< the payload of the UDP datagram
};

/// The packet is a flow of what is inside one tunnel over the outermost IP layer.
inline void expect_inner_flow(const DecodedPacket& decoded, Overlay overlay, std::uint32_t tunnel_id,
                              const std::string& name = {}) {
  EXPECT_EQ(decoded.status, DecodeStatus::kOk) << name;
  ASSERT_EQ(decoded.ip_layer_count, 2) << name;
  EXPECT_EQ(decoded.overlay, overlay) << name;
  EXPECT_EQ(decoded.overlay_ip_layer, 0) << name;
  EXPECT_EQ(decoded.tenant_id, has_identifier_per_direction(overlay) ? 0 : tunnel_id) << name;
  EXPECT_EQ(decoded.teid, has_identifier_per_direction(overlay) ? tunnel_id : 0) << name;
  EXPECT_EQ(decoded.flow_layer().src_port, 1000) << name;
  EXPECT_EQ(decoded.flow_layer().dst_port, 2000) << name;
  EXPECT_EQ(decoded.payload_bytes, 20U) << name;
  EXPECT_EQ(decoded.tcp_flags, 0x18) << name;
}

/// The packet is a flow of the tunnel's own IP layer, as if no decoder knew the tunnel.
inline void expect_outer_flow(const DecodedPacket& decoded, const std::string& name = {}) {
  EXPECT_EQ(decoded.status, DecodeStatus::kOk) << name;
  ASSERT_EQ(decoded.ip_layer_count, 1) << name;
  EXPECT_EQ(decoded.overlay, Overlay::kNone) << name;
  EXPECT_EQ(decoded.overlay_ip_layer, 0) << name;
  EXPECT_EQ(decoded.tenant_id, 0U) << name;
  EXPECT_EQ(decoded.teid, 0U) << name;
  EXPECT_EQ(decoded.tcp_flags, 0) << name;
  EXPECT_FALSE(decoded.tcp.is_whole) << name;
  EXPECT_EQ(decoded.ethernet_offset, DecodedPacket::kNoEthernet) << name;
}

inline void expect_outer_flows(const std::vector<TunnelCase>& cases, unsigned port) {
  for (const TunnelCase& test : cases) {
    expect_outer_flow(decode(over_udp(test.tunnel, port), LinkType::kRaw), test.name);
  }
}

/// Wherever the snaplen cuts the packet, it counts for the one layer or the other, never for neither.
inline void expect_soft_failure_where_cut(const PacketBuilder& packet, Overlay overlay) {
  constexpr std::size_t kOuterPortsEnd = 24;
  const std::size_t inner_ports_end = packet.size() - 20 - 20 + 4;
  for (std::size_t captured = kOuterPortsEnd; captured < packet.size(); ++captured) {
    const DecodedPacket decoded = decode_cut(packet, captured, LinkType::kRaw);
    if (captured < inner_ports_end) {
      expect_outer_flow(decoded, std::to_string(captured));
    } else {
      EXPECT_EQ(decoded.overlay, overlay) << captured;
    }
  }
}

}  // namespace wireglass::testing
