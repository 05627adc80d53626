#include "decode/testing/tunnel_cases.hpp"

namespace wireglass {
namespace {

using namespace testing;

constexpr unsigned kTeredo = 3544;

PacketBuilder authenticated(PacketBuilder inside) {
  return inside.front({0, 1, 2, 3, 'i', 'd', 'k', 'e', 'y', 1, 2, 3, 4, 5, 6, 7, 8, 0});
}
PacketBuilder originated(PacketBuilder inside) { return inside.front({0, 0, 0x11, 0x22, 1, 2, 3, 4}); }

TEST(Teredo, CarriesIpv6BehindIndications) {
  const std::vector<TunnelCase> cases = {
      {"plain", inner_ipv6()},
      {"with origin", originated(inner_ipv6())},
      {"with authentication", authenticated(inner_ipv6())},
      {"with both", authenticated(originated(inner_ipv6()))},
      {"with a trailer, from a Teredo address", inner_ipv6().set16(10, 0).trailer(6)},
      {"with a trailer, to a link-local address", inner_ipv6().set16(24, 0xfe80).trailer(6)},
  };
  for (const TunnelCase& test : cases) {
    expect_inner_flow(decode(over_udp(test.tunnel, kTeredo), LinkType::kRaw), Overlay::kTeredo, 0, test.name);
  }
}

TEST(Teredo, BubbleIsAFlowOfItsAddresses) {
  const DecodedPacket decoded = decode(over_udp(PacketBuilder().ipv6(59), kTeredo), LinkType::kRaw);
  ASSERT_EQ(decoded.ip_layer_count, 2);
  EXPECT_EQ(decoded.overlay, Overlay::kTeredo);
  EXPECT_EQ(decoded.flow_layer().protocol, 59);
  EXPECT_FALSE(decoded.flow_layer().has_ports);
}

TEST(Teredo, OtherDatagramsOnItsPortAreNoTunnels) {
  const std::vector<TunnelCase> cases = {
      {"empty", PacketBuilder()},
      {"IPv4", inner_ipv4()},
      {"IPv6 longer than the datagram", inner_ipv6().set16(4, 41)},
      {"origin in front of authentication", originated(authenticated(inner_ipv6()))},
      {"two origins", originated(originated(inner_ipv6()))},
      {"origin alone", originated(PacketBuilder())},
      {"identifier beyond the datagram", authenticated(inner_ipv6()).set8(2, 255)},
      {"zeros", PacketBuilder(80)},
      {"a shorter IPv6 packet of foreign addresses", inner_ipv6().trailer(6)},
  };
  expect_outer_flows(cases, kTeredo);
  expect_soft_failure_where_cut(over_udp(authenticated(inner_ipv6()), kTeredo), Overlay::kTeredo);
}

}  // namespace
}  // namespace wireglass
