#include "decode/testing/tunnel_cases.hpp"

namespace wireglass {
namespace {

using namespace testing;

constexpr unsigned kAyiya = 5072;

// Identity of 16 octets, signature of 20 (SHA-1).
PacketBuilder ayiya(PacketBuilder inside, unsigned next_header, unsigned operation = 1) {
  inside.front(std::vector<std::byte>(36));
  return inside.front({0x41, 0x52, 0x10 | operation, next_header, 0x50, 1, 2, 3});
}

TEST(Ayiya, CarriesIp) {
  expect_inner_flow(decode(over_udp(ayiya(inner_ipv6(), 41), kAyiya), LinkType::kRaw), Overlay::kAyiya, 0);
  expect_inner_flow(decode(over_udp(ayiya(inner_ipv4(), 4), kAyiya), LinkType::kRaw), Overlay::kAyiya, 0);
}

TEST(Ayiya, CountsForTheOuterFlowWhereItCarriesNoIpPacket) {
  const std::vector<TunnelCase> cases = {
      {"7 octets", PacketBuilder(7)},
      {"heartbeat", ayiya(PacketBuilder(), 59, 0)},
      {"forward with nothing inside", ayiya(PacketBuilder(), 41)},
      {"echo request", ayiya(inner_ipv6(), 41, 2)},
      {"no next header", ayiya(inner_ipv6(), 59)},
      {"identity beyond the datagram", ayiya(inner_ipv6(), 41).set8(0, 0xf1)},
      {"IPv6 that is IPv4", ayiya(inner_ipv4(), 41)},
  };
  expect_outer_flows(cases, kAyiya);
  expect_soft_failure_where_cut(over_udp(ayiya(inner_ipv6(), 41), kAyiya), Overlay::kAyiya);
}

}  // namespace
}  // namespace wireglass
