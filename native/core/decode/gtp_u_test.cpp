#include "decode/testing/tunnel_cases.hpp"

namespace wireglass {
namespace {

using namespace testing;

constexpr unsigned kGtpU = 2152;
constexpr unsigned kTeid = 0x11223344;

PacketBuilder gtp(PacketBuilder inside, unsigned flags, unsigned type = 255) {
  const unsigned length = inside.size();
  return inside.front({flags, type, length >> 8, length & 255, 0x11, 0x22, 0x33, 0x44});
}

TEST(GtpU, CarriesIpPppAndEthernet) {
  const std::vector<TunnelCase> cases = {
      {"IPv4", gtp(inner_ipv4(), 0x30)},
      {"IPv6", gtp(inner_ipv6(), 0x30)},
      {"PPP", gtp(behind(inner_ipv4(), {0xff, 3, 0, 0x21}), 0x30)},
      {"Ethernet", gtp(inner_ethernet(), 0x30)},
      {"Ethernet to an address that begins as an IPv4 header does",
       gtp(inner_ethernet().set8(0, 0x46).set8(2, 0xff), 0x30)},
      {"Ethernet with a tag", gtp(inner_ipv6().vlan(7, 0x86dd).ethernet(0x8100), 0x30)},
      {"the spare bit set", gtp(inner_ipv4(), 0x38)},
      {"IPv4 with total length 0", gtp(inner_ipv4().set16(2, 0), 0x30)},
  };
  for (const TunnelCase& test : cases) {
    const DecodedPacket decoded = decode(over_udp(test.tunnel, kGtpU), LinkType::kRaw);
    expect_inner_flow(decoded, Overlay::kGtpU, kTeid, test.name);
  }
}

TEST(GtpU, PassesWhatItsFlagsAnnounce) {
  const std::vector<TunnelCase> cases = {
      {"sequence number", gtp(behind(inner_ipv4(), {0, 1, 0, 0}), 0x32)},
      {"N-PDU number", gtp(behind(inner_ipv4(), {0, 0, 7, 0}), 0x31)},
      {"next type, which means nothing without E", gtp(behind(inner_ipv4(), {0, 1, 7, 0x85}), 0x33)},
      {"E with no extension header", gtp(behind(inner_ipv4(), {0, 0, 0, 0}), 0x34)},
      {"PDU session container", gtp(behind(inner_ipv4(), {0, 0, 0, 0x85, 1, 0, 9, 0}), 0x34)},
      {"two extension headers, the second of 8 octets",
       gtp(behind(inner_ipv6(), {0, 1, 0, 0x85, 1, 0, 9, 0xc0, 2, 1, 2, 3, 4, 5, 6, 0}), 0x36)},
  };
  for (const TunnelCase& test : cases) {
    expect_inner_flow(decode(over_udp(test.tunnel, kGtpU), LinkType::kRaw), Overlay::kGtpU, kTeid, test.name);
  }
}

PacketBuilder version_0(PacketBuilder inside, unsigned flags = 0x1e, unsigned type = 255) {
  const unsigned length = inside.size();
  inside.front({1, 2, 3, 4, 5, 6, 7, 8});
  return inside.front({flags, type, length >> 8, length & 255, 0, 1, 0x11, 0x22, 255, 255, 255, 255});
}

TEST(GtpU, Version0HasAFlowLabel) {
  for (const unsigned flags : {0x1eU, 0x1fU}) {
    const DecodedPacket decoded = decode(over_udp(version_0(inner_ipv4(), flags), 3386), LinkType::kRaw);
    expect_inner_flow(decoded, Overlay::kGtpU, 0x1122);
  }
  const std::vector<TunnelCase> cases = {
      {"19 octets", PacketBuilder(18).front({0x1e})},
      {"GTP prime", version_0(inner_ipv4(), 0x0e)},
      {"echo request", version_0(inner_ipv4(), 0x1e, 1)},
      {"length beyond the datagram", version_0(inner_ipv4()).set16(2, 61)},
      {"nothing inside", version_0(PacketBuilder())},
  };
  expect_outer_flows(cases, 3386);
}

TEST(GtpU, LookAlikesAndOtherMessagesCountForTheOuterFlow) {
  const std::vector<TunnelCase> cases = {
      {"7 octets", PacketBuilder(7)},
      {"version 0", gtp(inner_ipv4(), 0x10)},
      {"version 2", gtp(inner_ipv4(), 0x50)},
      {"GTP prime", gtp(inner_ipv4(), 0x20)},
      {"echo request", gtp(PacketBuilder(4), 0x32, 1)},
      {"echo request with IPv4 behind", gtp(behind(inner_ipv4(), {0, 1, 0, 0}), 0x32, 1)},
      {"error indication", gtp(inner_ipv4(), 0x30, 26)},
      {"end marker", gtp(PacketBuilder(), 0x30, 254)},
      {"length beyond the datagram", gtp(inner_ipv4(), 0x30).set16(2, 61)},
      {"length shorter than the optional part", gtp(inner_ipv4(), 0x32).set16(2, 3)},
      {"extension header of length 0", gtp(behind(inner_ipv4(), {0, 0, 0, 0x85, 0, 0, 9, 0}), 0x34)},
      {"extension header beyond the packet", gtp(behind(inner_ipv4(), {0, 0, 0, 0x85, 255, 0, 9, 0}), 0x34)},
      {"nothing inside", gtp(PacketBuilder(), 0x30)},
      {"IPv4 longer than the G-PDU", gtp(inner_ipv4().set16(2, 61), 0x30)},
      {"IPv4 with a header of 16 octets", gtp(inner_ipv4().set8(0, 0x44), 0x30)},
      {"IPv6 longer than the G-PDU", gtp(inner_ipv6().set16(4, 41), 0x30)},
      {"unknown PDU", gtp(PacketBuilder(40), 0x30)},
      {"ARP in Ethernet", gtp(PacketBuilder(28).ethernet(0x0806), 0x30)},
  };
  expect_outer_flows(cases, kGtpU);
}

TEST(GtpU, FirstFragmentOfATunnelHasItsInside) {
  const PacketBuilder whole = gtp(inner_ipv4(), 0x30).udp(61000, kGtpU);
  std::vector<std::byte> first(whole.bytes().begin(), whole.bytes().end() - 16);
  const PacketBuilder fragment = PacketBuilder().front(first).ipv4(kUdpNumber, 0x2000);
  const DecodedPacket decoded = decode(fragment, LinkType::kRaw);
  ASSERT_EQ(decoded.ip_layer_count, 2);
  EXPECT_EQ(decoded.overlay, Overlay::kGtpU);
  EXPECT_EQ(decoded.flow_layer().dst_port, 2000);
}

TEST(GtpU, FailsSoftWhereTheSnaplenCuts) {
  expect_soft_failure_where_cut(over_udp(gtp(inner_ipv4(), 0x30), kGtpU), Overlay::kGtpU);
}

TEST(GtpU, RefusedInnerTunnelKeepsTheTeidAroundIt) {
  PacketBuilder cut = over_udp(gtp(PacketBuilder(2).ipv4(kTcpNumber), 0x30), kGtpU);
  const DecodedPacket refused = decode(over_udp(gtp(cut, 0x30), kGtpU), LinkType::kRaw);
  ASSERT_EQ(refused.ip_layer_count, 2);
  EXPECT_EQ(refused.overlay, Overlay::kGtpU);
  EXPECT_EQ(refused.overlay_ip_layer, 0);
  EXPECT_EQ(refused.teid, kTeid);
}

}  // namespace
}  // namespace wireglass
