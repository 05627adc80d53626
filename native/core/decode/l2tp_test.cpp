#include "decode/testing/tunnel_cases.hpp"

namespace wireglass {
namespace {

using namespace testing;

constexpr unsigned kL2tp = 1701;
constexpr unsigned kL2tpNumber = 115;

PacketBuilder ppp() { return behind(inner_ipv4(), {0xff, 3, 0, 0x21}); }
PacketBuilder version_3(PacketBuilder inside) { return inside.front({0, 3, 0, 0, 0, 0, 0, 7}); }
// L2TP version 3 over IP and, for the length of it, a total of 8 octets in front of what `inside` is.
PacketBuilder over_ip(PacketBuilder inside) { return inside.front({0, 0, 0, 7}).ipv4(kL2tpNumber); }

TEST(L2tp, Version2CarriesPppBehindWhatItsFlagsAnnounce) {
  const unsigned with_length = 64 + 4 + 8;  // the PPP frame and the fields
  const std::vector<TunnelCase> cases = {
      {"plain", behind(ppp(), {0, 2, 0, 5, 0, 6})},
      {"PPP without address and control", behind(behind(inner_ipv6(), {0, 0x57}), {0, 2, 0, 5, 0, 6})},
      {"PPP with a protocol of one octet", behind(behind(inner_ipv4(), {0x21}), {0, 2, 0, 5, 0, 6})},
      {"length", behind(ppp(), {0x40, 2, 0, with_length - 4, 0, 5, 0, 6})},
      {"priority and sequence numbers", behind(ppp(), {0x09, 2, 0, 5, 0, 6, 0, 1, 0, 2})},
      {"offset of 3", behind(ppp(), {0x02, 2, 0, 5, 0, 6, 0, 3, 9, 9, 9})},
      {"offset of 0", behind(ppp(), {0x02, 2, 0, 5, 0, 6, 0, 0})},
      {"length, sequence, offset", behind(ppp(), {0x4a, 2, 0, 78, 0, 5, 0, 6, 0, 1, 0, 2, 0, 0})},
  };
  for (const TunnelCase& test : cases) {
    expect_inner_flow(decode(over_udp(test.tunnel, kL2tp), LinkType::kRaw), Overlay::kL2tp, 5 << 16 | 6,
                      test.name);
  }
}

TEST(L2tp, Version3CarriesEthernetBehindCookieAndSublayer) {
  for (std::size_t unknown = 0; unknown <= 12; unknown += 4) {
    PacketBuilder inside = inner_ethernet();
    inside.front(std::vector<std::byte>(unknown, std::byte{0xc0}));
    const std::string name = std::to_string(unknown);
    const DecodedPacket over_udp_port = decode(over_udp(version_3(inside), kL2tp), LinkType::kRaw);
    expect_inner_flow(over_udp_port, Overlay::kL2tp, 7, name);
    expect_inner_flow(decode(over_ip(inside), LinkType::kRaw), Overlay::kL2tp, 7, name);
  }
}

TEST(L2tp, WhatCarriesNoPacketCountsForTheOuterFlow) {
  PacketBuilder four = inner_ethernet();
  four.front(std::vector<std::byte>(16));
  const std::vector<TunnelCase> cases = {
      {"7 octets", PacketBuilder(7)},
      {"control message", behind(ppp(), {0xc8, 2, 0, 80, 0, 5, 0, 6, 0, 1, 0, 2})},
      {"version 1", behind(ppp(), {0, 1, 0, 5, 0, 6})},
      {"reserved bits", behind(ppp(), {0x10, 2, 0, 5, 0, 6})},
      {"length beyond the datagram", behind(ppp(), {0x40, 2, 0, 77, 0, 5, 0, 6})},
      {"length shorter than the header", behind(ppp(), {0x40, 2, 0, 7, 0, 5, 0, 6})},
      {"offset beyond the datagram", behind(ppp(), {0x02, 2, 0, 5, 0, 6, 0xff, 0xff})},
      {"LCP", behind(behind(PacketBuilder(8), {0xff, 3, 0xc0, 0x21}), {0, 2, 0, 5, 0, 6})},
      {"version 3 with flags", version_3(inner_ethernet()).set8(0, 0x08)},
      {"session 0", version_3(inner_ethernet()).set8(7, 0)},
      {"version 3 with 16 octets in between", version_3(four)},
      {"version 3 with ARP", version_3(PacketBuilder(28).ethernet(0x0806))},
      {"version 3 with zeros", version_3(PacketBuilder(40))},
      {"version 3 with nothing", version_3(PacketBuilder())},
  };
  expect_outer_flows(cases, kL2tp);
  const DecodedPacket control =
      decode(PacketBuilder(20).front({0, 0, 0, 0}).ipv4(kL2tpNumber), LinkType::kRaw);
  EXPECT_EQ(control.status, DecodeStatus::kOk);
  EXPECT_EQ(control.ip_layer_count, 1);
  EXPECT_EQ(decode(PacketBuilder(3).ipv4(kL2tpNumber), LinkType::kRaw).status, DecodeStatus::kOk);
}

TEST(L2tp, FailsSoftWhereTheSnaplenCuts) {
  expect_soft_failure_where_cut(over_udp(behind(ppp(), {0, 2, 0, 5, 0, 6}), kL2tp), Overlay::kL2tp);
  expect_soft_failure_where_cut(over_udp(version_3(inner_ethernet()), kL2tp), Overlay::kL2tp);
}

}  // namespace
}  // namespace wireglass
