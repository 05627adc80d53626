#include "decode/tzsp.hpp"

#include "decode/testing/tunnel_cases.hpp"

namespace wireglass {
namespace {

using namespace testing;

constexpr unsigned kPort = 37008;

TEST(TzspInUdp, CarriesFramesBehindItsTags) {
  const std::vector<TunnelCase> cases = {
      {"Ethernet", behind(inner_ethernet(), {1, 0, 0, 1, 1})},
      {"to be sent", behind(inner_ethernet(), {1, 1, 0, 1, 1})},
      {"tags and padding", behind(inner_ethernet(), {1, 0, 0, 1, 0, 0x0a, 1, 0xc4, 0, 0x3c, 2, 1, 2, 1})},
      {"IEEE 802.11", behind(behind(inner_ipv4().llc_snap(0x0800),
                                    {8, 1, 0, 0, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 3, 0, 0}),
                             {1, 0, 0, 18, 1})},
  };
  for (const TunnelCase& test : cases) {
    expect_inner_flow(decode(over_udp(test.tunnel, kPort), LinkType::kRaw), Overlay::kTzsp, 0, test.name);
  }
}

TEST(TzspInUdp, CountsForTheOuterFlowWhereItCarriesNoIpPacket) {
  expect_outer_flows(
      {
          {"3 octets", PacketBuilder(3)},
          {"zeros", PacketBuilder(40)},
          {"version 2", behind(inner_ethernet(), {2, 0, 0, 1, 1})},
          {"keep-alive", behind(PacketBuilder(), {1, 4, 0, 1, 1})},
          {"unknown type", behind(inner_ethernet(), {1, 6, 0, 1, 1})},
          {"unknown encapsulation", behind(inner_ethernet(), {1, 0, 0, 2, 1})},
          {"tags without end", behind(PacketBuilder(), {1, 0, 0, 1, 0x0a, 1, 0xc4})},
          {"tag beyond the datagram", behind(PacketBuilder(4), {1, 0, 0, 1, 0x0a, 9})},
          {"ARP", behind(PacketBuilder(28).ethernet(0x0806), {1, 0, 0, 1, 1})},
      },
      kPort);
}

TEST(TzspInUdp, FailsSoftWhereTheSnaplenCuts) {
  expect_soft_failure_where_cut(over_udp(behind(inner_ethernet(), {1, 0, 0, 1, 0x0a, 1, 0xc4, 1}), kPort),
                                Overlay::kTzsp);
}

}  // namespace
}  // namespace wireglass
