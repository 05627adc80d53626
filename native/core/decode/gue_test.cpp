#include "decode/gue.hpp"

#include "decode/testing/tunnel_cases.hpp"

namespace wireglass {
namespace {

using namespace testing;

constexpr unsigned kGue = 6080;

TEST(Gue, CarriesWhatItsProtocolNumberTells) {
  const std::vector<TunnelCase> cases = {
      {"IPv4", behind(inner_ipv4(), {0, 4, 0, 0})},
      {"IPv6", behind(inner_ipv6(), {0, 41, 0, 0})},
      {"extension fields", behind(inner_ipv4(), {2, 4, 0x80, 0, 1, 2, 3, 4, 5, 6, 7, 8})},
      {"Ethernet", behind(inner_ethernet(), {0, 143, 0, 0})},
      {"variant 1, IPv4", inner_ipv4()},
      {"variant 1, IPv6", inner_ipv6()},
  };
  for (const TunnelCase& test : cases) {
    expect_inner_flow(decode(over_udp(test.tunnel, kGue), LinkType::kRaw), Overlay::kGue, 0, test.name);
  }
  const PacketBuilder gre = behind(inner_ipv4(), {0, 47, 0, 0, 0x20, 0, 8, 0, 0, 0, 0, 9});
  expect_inner_flow(decode(over_udp(gre, kGue), LinkType::kRaw), Overlay::kGre, 9, "GRE");
  const PacketBuilder ether_ip = behind(inner_ethernet(), {0, 97, 0, 0, 0x30, 0});
  expect_inner_flow(decode(over_udp(ether_ip, kGue), LinkType::kRaw), Overlay::kEtherIp, 0, "EtherIP");
}

TEST(Gue, CountsForTheOuterFlowWhereItCarriesNoIpPacket) {
  expect_outer_flows(
      {
          {"3 octets", PacketBuilder(3)},
          {"zeros", PacketBuilder(40)},
          {"control message", behind(inner_ipv4(), {0x20, 4, 0, 0})},
          {"variant 2", behind(inner_ipv4(), {0x80, 4, 0, 0})},
          {"TCP without IP", behind(PacketBuilder(20).tcp(1000, 2000, 0x18), {0, 6, 0, 0})},
          {"no next header", behind(inner_ipv4(), {0, 59, 0, 0})},
          {"IPv4 that is IPv6", behind(inner_ipv6(), {0, 4, 0, 0})},
          {"IPv4 longer than the datagram", behind(inner_ipv4().set16(2, 61), {0, 4, 0, 0})},
          {"extension fields beyond the datagram", behind(inner_ipv4(), {0x1f, 4, 0, 0})},
          {"variant 1 and no IP packet", PacketBuilder(40).front({0x45, 0, 4, 0})},
      },
      kGue);
  const DecodedPacket esp = decode(over_udp(behind(PacketBuilder(40), {0, 50, 0, 0}), kGue), LinkType::kRaw);
  expect_outer_flow(esp);
  EXPECT_EQ(esp.inner_status, DecodeStatus::kEncrypted);
}

TEST(Gue, FailsSoftWhereTheSnaplenCuts) {
  expect_soft_failure_where_cut(over_udp(behind(inner_ipv4(), {1, 4, 0, 0, 0, 0, 0, 0}), kGue),
                                Overlay::kGue);
  expect_soft_failure_where_cut(over_udp(inner_ipv6(), kGue), Overlay::kGue);
}

class Fou : public ::testing::Test {
 protected:
  static constexpr std::uint16_t kPort = 5555;

  Fou() { config_.set_ports(ProtocolId::kFou, std::span(&kPort, 1)); }
  DecodedPacket decode_with_port(const PacketBuilder& tunnel) {
    const PacketBuilder packet = over_udp(tunnel, kPort);
    DecodedPacket decoded;
    Decoder(config_).decode(view_of(packet.bytes(), LinkType::kRaw), decoded);
    return decoded;
  }

  DecoderConfig config_;
};

TEST_F(Fou, CarriesIpAndGreOnThePortsOfTheSite) {
  expect_inner_flow(decode_with_port(inner_ipv4()), Overlay::kFou, 0, "IPv4");
  expect_inner_flow(decode_with_port(inner_ipv6()), Overlay::kFou, 0, "IPv6");
  expect_inner_flow(decode_with_port(behind(inner_ipv4(), {0x20, 0, 8, 0, 0, 0, 0, 9})), Overlay::kGre, 9,
                    "GRE");
  expect_outer_flow(decode(over_udp(inner_ipv4(), kPort), LinkType::kRaw), "no port is a default");
}

TEST_F(Fou, AnythingElseIsAFlowOfItsPorts) {
  const std::vector<TunnelCase> cases = {
      {"zeros", PacketBuilder(40)},
      {"IPv4 longer than the datagram", inner_ipv4().set16(2, 61)},
      {"GRE of another protocol", behind(inner_ipv4(), {0x20, 0, 0x12, 0x34, 0, 0, 0, 9})},
      {"GRE with reserved bits", behind(inner_ipv4(), {0x20, 8, 8, 0, 0, 0, 0, 9})},
      {"3 octets", PacketBuilder(3)},
  };
  for (const TunnelCase& test : cases) expect_outer_flow(decode_with_port(test.tunnel), test.name);
}

}  // namespace
}  // namespace wireglass
