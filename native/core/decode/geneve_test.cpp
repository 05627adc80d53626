#include "decode/testing/tunnel_cases.hpp"

namespace wireglass {
namespace {

using namespace testing;

constexpr unsigned kGeneve = 6081;
constexpr unsigned kEthernetType = 0x6558;

PacketBuilder geneve(PacketBuilder inside, unsigned first, unsigned flags, unsigned type,
                     std::initializer_list<unsigned> options = {}) {
  return inside.front(options).front({first, flags, type >> 8, type & 255, 0xab, 0xcd, 0xef, 0});
}

TEST(Geneve, CarriesWhatItsProtocolTypeSays) {
  const std::vector<TunnelCase> cases = {
      {"Ethernet", geneve(inner_ethernet(), 0, 0, kEthernetType)},
      {"IPv4", geneve(inner_ipv4(), 0, 0, 0x0800)},
      {"IPv6", geneve(inner_ipv6(), 0, 0, 0x86dd)},
      {"control flag", geneve(inner_ipv4(), 0, 0x80, 0x0800)},
      {"reserved bits", geneve(inner_ipv4(), 0, 0x3f, 0x0800)},
      {"an option of 8 octets", geneve(inner_ethernet(), 2, 0, kEthernetType, {1, 2, 3, 1, 9, 9, 9, 9})},
      {"two options, one critical and unknown",
       geneve(inner_ethernet(), 3, 0x40, kEthernetType, {1, 2, 0x83, 1, 9, 9, 9, 9, 1, 2, 4, 0})},
  };
  for (const TunnelCase& test : cases) {
    expect_inner_flow(decode(over_udp(test.tunnel, kGeneve), LinkType::kRaw), Overlay::kGeneve, 0xabcdef,
                      test.name);
  }
}

TEST(Geneve, TakesAllOptionsThereCanBe) {
  PacketBuilder packet = inner_ipv4();
  for (int option = 0; option < 63; ++option) packet.front({1, 2, 3, 0});
  packet.front({63, 0, 0x08, 0, 0, 0, 5, 0});
  expect_inner_flow(decode(over_udp(packet, kGeneve), LinkType::kRaw), Overlay::kGeneve, 5);
}

TEST(Geneve, CountsForTheOuterFlowWhereItCarriesNoIpPacket) {
  const std::vector<TunnelCase> cases = {
      {"7 octets", PacketBuilder(7)},
      {"version 1", geneve(inner_ipv4(), 0x40, 0, 0x0800)},
      {"ARP in Ethernet", geneve(PacketBuilder(28).ethernet(0x0806), 0, 0, kEthernetType)},
      {"ARP", geneve(PacketBuilder(28), 0, 0, 0x0806)},
      {"options longer than the packet", geneve(PacketBuilder(8), 63, 0, 0x0800)},
      {"an option longer than all options", geneve(inner_ipv4(), 1, 0, 0x0800, {1, 2, 3, 1})},
      {"an option that ends behind them", geneve(inner_ipv4(), 2, 0, 0x0800, {1, 2, 3, 0, 1, 2, 3, 7})},
      {"IPv4 that is none", geneve(inner_ipv6(), 0, 0, 0x0800)},
  };
  expect_outer_flows(cases, kGeneve);
  expect_soft_failure_where_cut(
      over_udp(geneve(inner_ethernet(), 1, 0, kEthernetType, {1, 2, 3, 0}), kGeneve), Overlay::kGeneve);
}

}  // namespace
}  // namespace wireglass
