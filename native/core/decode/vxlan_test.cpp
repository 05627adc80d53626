#include "decode/testing/tunnel_cases.hpp"

namespace wireglass {
namespace {

using namespace testing;

constexpr unsigned kVxlan = 4789;
constexpr unsigned kVxlanGpe = 4790;

PacketBuilder vxlan(PacketBuilder inside, unsigned flags, unsigned vni = 0x123456) {
  return inside.front({flags, 0, 0, 0, vni >> 16 & 255, vni >> 8 & 255, vni & 255, 0});
}
PacketBuilder gpe(PacketBuilder inside, unsigned flags, unsigned next_protocol) {
  return inside.front({flags, 0, 0, next_protocol, 0, 0, 42, 0});
}

TEST(Vxlan, CarriesEthernetInATenant) {
  for (const unsigned port : {kVxlan, 8472U}) {
    const DecodedPacket decoded = decode(over_udp(vxlan(inner_ethernet(), 0x08), port), LinkType::kRaw);
    expect_inner_flow(decoded, Overlay::kVxlan, 0x123456);
    EXPECT_EQ(decoded.ethernet_offset, 36) << "of the inner frame";
    EXPECT_EQ(decoded.teid, 0U);
  }
}

TEST(Vxlan, IsDecodedWhateverReservedBitsSay) {
  const std::vector<TunnelCase> cases = {
      {"group policy", behind(inner_ethernet(), {0x88, 0x48, 0x12, 0x34, 0, 0, 9, 0})},
      {"all reserved bits", behind(inner_ethernet(), {0xff, 0xff, 0xff, 0xff, 0, 0, 9, 0xff})},
      {"tagged inside", behind(inner_ipv6().vlan(7, 0x86dd).ethernet(0x8100), {8, 0, 0, 0, 0, 0, 9, 0})},
  };
  for (const TunnelCase& test : cases) {
    const DecodedPacket decoded = decode(over_udp(test.tunnel, kVxlan), LinkType::kRaw);
    expect_inner_flow(decoded, Overlay::kVxlan, 9, test.name);
    EXPECT_EQ(decoded.vlan_count, 0) << "tags inside are the tenant's";
  }
}

TEST(Vxlan, CountsForTheOuterFlowWhereItCarriesNoIpPacket) {
  const std::vector<TunnelCase> cases = {
      {"empty", PacketBuilder()},
      {"header only", vxlan(PacketBuilder(), 0x08)},
      {"half a frame header", vxlan(PacketBuilder(13), 0x08)},
      {"no VNI flag and ARP", vxlan(PacketBuilder(28).ethernet(0x0806), 0x00)},
      {"no VNI flag and IPv4 longer than the datagram",
       vxlan(inner_ipv4().set16(2, 61).ethernet(0x0800), 0x00)},
      {"a DNS query", PacketBuilder(20).front({0x08, 0x42, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0})},
      {"ARP", vxlan(PacketBuilder(28).ethernet(0x0806), 0x08)},
      {"LLC", vxlan(PacketBuilder(35).front({0x42, 0x42, 3}).ethernet(38), 0x08)},
      {"IPv4 with version 5", vxlan(inner_ipv4().set8(0, 0x55).ethernet(0x0800), 0x08)},
      {"IPv6 with version 4", vxlan(inner_ipv4().ethernet(0x86dd), 0x08)},
  };
  expect_outer_flows(cases, kVxlan);
}

TEST(Vxlan, WithoutItsFlagItHasNoTenantAndMustShowWhatItCarries) {
  expect_inner_flow(decode(over_udp(vxlan(inner_ethernet(), 0x00), kVxlan), LinkType::kRaw), Overlay::kVxlan,
                    0);
  const PacketBuilder tagged = inner_ipv6().vlan(7, 0x86dd).vlan(8, 0x8100).ethernet(0x88a8);
  expect_inner_flow(decode(over_udp(vxlan(tagged, 0x00), kVxlan), LinkType::kRaw), Overlay::kVxlan, 0);
}

TEST(Vxlan, ShowsTheHeadersOfAnInsideThatIsNotIp) {
  const DecodedPacket arp =
      decode(over_udp(vxlan(PacketBuilder(28).ethernet(0x0806), 0x08), kVxlan), LinkType::kRaw);
  ASSERT_EQ(arp.header_count, 4);
  EXPECT_EQ(arp.headers[2].protocol, ProtocolId::kVxlan);
  EXPECT_EQ(arp.headers[3].protocol, ProtocolId::kEthernet);
}

TEST(Vxlan, FailsSoftWhereTheSnaplenCuts) {
  expect_soft_failure_where_cut(over_udp(vxlan(inner_ethernet(), 0x08), kVxlan), Overlay::kVxlan);
}

TEST(Vxlan, NestedTunnelsFallBackOneLevel) {
  const PacketBuilder arp = over_udp(vxlan(PacketBuilder(28).ethernet(0x0806), 0x08, 7), kVxlan);
  const DecodedPacket decoded =
      decode(over_udp(vxlan(PacketBuilder(arp).ethernet(0x0800), 0x08, 8), kVxlan), LinkType::kRaw);
  ASSERT_EQ(decoded.ip_layer_count, 2);
  EXPECT_EQ(decoded.overlay, Overlay::kVxlan);
  EXPECT_EQ(decoded.overlay_ip_layer, 0);
  EXPECT_EQ(decoded.tenant_id, 8U);
  EXPECT_EQ(decoded.ethernet_offset, 36);
}

TEST(VxlanGpe, NextProtocolTellsWhatIsInside) {
  const std::vector<TunnelCase> cases = {
      {"IPv4", gpe(inner_ipv4(), 0x0c, 1)},
      {"IPv6", gpe(inner_ipv6(), 0x0c, 2)},
      {"Ethernet", gpe(inner_ethernet(), 0x0c, 3)},
      {"Ethernet, as no next protocol is told", gpe(inner_ethernet(), 0x08, 0)},
      {"OAM and BUM flags", gpe(inner_ipv4(), 0x0f, 1)},
      {"IPv4, told without the flag", gpe(inner_ipv4(), 0x08, 1)},
      {"IPv6, told without the flag", gpe(inner_ipv6(), 0x08, 2)},
      {"Ethernet, told without the flag", gpe(inner_ethernet(), 0x08, 3)},
      {"Ethernet, with what is no IPv4 packet told without the flag", gpe(inner_ethernet(), 0x08, 1)},
  };
  for (const TunnelCase& test : cases) {
    const DecodedPacket decoded = decode(over_udp(test.tunnel, kVxlanGpe), LinkType::kRaw);
    expect_inner_flow(decoded, Overlay::kVxlanGpe, 42, test.name);
  }
  const DecodedPacket without_flags = decode(over_udp(gpe(inner_ipv6(), 0x00, 2), kVxlanGpe), LinkType::kRaw);
  expect_inner_flow(without_flags, Overlay::kVxlanGpe, 0);
  const DecodedPacket without_vni = decode(over_udp(gpe(inner_ipv4(), 0x04, 1), kVxlanGpe), LinkType::kRaw);
  expect_inner_flow(without_vni, Overlay::kVxlanGpe, 0);
}

TEST(VxlanGpe, CountsForTheOuterFlowWhereItCarriesNoIpPacket) {
  const std::vector<TunnelCase> cases = {
      {"7 octets", PacketBuilder(7)},
      {"no flags and IPv4", gpe(inner_ipv4(), 0x00, 3)},
      {"version 1", gpe(inner_ipv4(), 0x1c, 1)},
      {"reserved next protocol", gpe(inner_ipv4(), 0x0c, 0)},
      {"unknown next protocol", gpe(inner_ipv4(), 0x0c, 0x7f)},
      {"IPv4 that is IPv6", gpe(inner_ipv6(), 0x0c, 1)},
  };
  expect_outer_flows(cases, kVxlanGpe);
  expect_soft_failure_where_cut(over_udp(gpe(inner_ipv6(), 0x0c, 2), kVxlanGpe), Overlay::kVxlanGpe);
}

}  // namespace
}  // namespace wireglass
