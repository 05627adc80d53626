#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "decode/testing/decode_helpers.hpp"

namespace wireglass {
namespace {

using testing::decode;
using testing::decode_cut;
using testing::PacketBuilder;

PacketBuilder ipv4_udp() { return PacketBuilder(4).udp(1000, 2000).ipv4(17); }
PacketBuilder ipv6_udp() { return PacketBuilder(4).udp(1000, 2000).ipv6(17); }

struct LinkCase {
  std::string name;
  LinkType link_type;
  PacketBuilder packet;
  DecodeStatus status;
  std::uint8_t version;  // of the IP layer, 0 where there is none
};

PacketBuilder sll(unsigned arphrd, unsigned protocol, PacketBuilder inside) {
  return inside.front(
      {0, 0, arphrd >> 8, arphrd & 255, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, protocol >> 8, protocol & 255});
}
PacketBuilder sll2(unsigned arphrd, unsigned protocol, PacketBuilder inside) {
  return inside.front({protocol >> 8,
                       protocol & 255,
                       0,
                       0,
                       0,
                       0,
                       0,
                       3,
                       arphrd >> 8,
                       arphrd & 255,
                       0,
                       6,
                       2,
                       0,
                       0,
                       0,
                       0,
                       1,
                       0,
                       0});
}

std::vector<LinkCase> link_cases() {
  using enum DecodeStatus;
  constexpr LinkType kUser0 = link_type_of(147);
  return {
      {"ethernet ipv4", LinkType::kEthernet, ipv4_udp().ethernet(0x0800), kOk, 4},
      {"ethernet ipv6", LinkType::kEthernet, ipv6_udp().ethernet(0x86dd), kOk, 6},
      {"ethernet arp", LinkType::kEthernet, PacketBuilder(28).ethernet(0x0806), kNotIp, 0},
      {"ethernet without payload", LinkType::kEthernet, PacketBuilder().ethernet(0x88cc), kNotIp, 0},
      {"ethernet 13 bytes", LinkType::kEthernet, PacketBuilder(13), kMalformed, 0},
      {"no bytes", LinkType::kEthernet, PacketBuilder(), kMalformed, 0},
      {"snap ipv4", LinkType::kEthernet, ipv4_udp().llc_snap(0x0800).ethernet(40), kOk, 4},
      {"snap of another organization", LinkType::kEthernet,
       ipv4_udp().llc_snap(0x0800).set8(5, 0x0c).ethernet(40), kNotIp, 0},
      {"snap numbered", LinkType::kEthernet, ipv4_udp().llc_snap(0x0800).set8(2, 0x7f).ethernet(40), kNotIp,
       0},
      {"snap cut by the length", LinkType::kEthernet, ipv4_udp().llc_snap(0x0800).ethernet(7), kNotIp, 0},
      {"spanning tree", LinkType::kEthernet, PacketBuilder(35).front({0x42, 0x42, 3}).ethernet(38), kNotIp,
       0},
      {"raw ipv4", LinkType::kRaw, ipv4_udp(), kOk, 4},
      {"raw ipv6", LinkType::kRaw, ipv6_udp(), kOk, 6},
      {"raw version 5", LinkType::kRaw, ipv4_udp().set8(0, 0x55), kMalformed, 0},
      {"raw without bytes", LinkType::kRaw, PacketBuilder(), kMalformed, 0},
      {"ipv4 link", LinkType::kIpv4, ipv4_udp(), kOk, 4},
      {"ipv4 link with ipv6", LinkType::kIpv4, ipv6_udp(), kMalformed, 0},
      {"ipv6 link", LinkType::kIpv6, ipv6_udp(), kOk, 6},
      {"ipv6 link with ipv4", LinkType::kIpv6, ipv4_udp().trailer(20), kMalformed, 0},
      {"null little-endian", LinkType::kNull, ipv4_udp().front({2, 0, 0, 0}), kOk, 4},
      {"null big-endian", LinkType::kNull, ipv4_udp().front({0, 0, 0, 2}), kOk, 4},
      {"null freebsd ipv6", LinkType::kNull, ipv6_udp().front({28, 0, 0, 0}), kOk, 6},
      {"loop openbsd ipv6", LinkType::kLoop, ipv6_udp().front({0, 0, 0, 24}), kOk, 6},
      {"null darwin ipv6", LinkType::kNull, ipv6_udp().front({30, 0, 0, 0}), kOk, 6},
      {"null ethertype", LinkType::kNull, ipv4_udp().front({0, 8, 0, 0}), kOk, 4},
      {"null ethertype in its second half", LinkType::kNull, ipv4_udp().front({15, 0, 8, 0}), kOk, 4},
      {"null appletalk", LinkType::kNull, PacketBuilder(20).front({16, 0, 0, 0}), kNotIp, 0},
      {"null 3 bytes", LinkType::kNull, PacketBuilder(3), kMalformed, 0},
      {"ppp with address", LinkType::kPpp, ipv4_udp().front({0xff, 3, 0, 0x21}), kOk, 4},
      {"ppp without address", LinkType::kPpp, ipv4_udp().front({0, 0x21}), kOk, 4},
      {"ppp compressed protocol", LinkType::kPpp, ipv4_udp().front({0x21}), kOk, 4},
      {"ppp ipv6", LinkType::kPpp, ipv6_udp().front({0xff, 3, 0, 0x57}), kOk, 6},
      {"ppp lcp", LinkType::kPpp, PacketBuilder(8).front({0xff, 3, 0xc0, 0x21}), kNotIp, 0},
      {"ppp without protocol", LinkType::kPpp, PacketBuilder().front({0xff, 3}), kMalformed, 0},
      {"ppp half a protocol", LinkType::kPpp, PacketBuilder().front({0xff, 3, 0xc0}), kMalformed, 0},
      {"sll ipv4", LinkType::kLinuxSll, sll(1, 0x0800, ipv4_udp()), kOk, 4},
      {"sll vlan", LinkType::kLinuxSll, sll(1, 0x8100, ipv6_udp().vlan(5, 0x86dd)), kOk, 6},
      {"sll snap", LinkType::kLinuxSll, sll(1, 4, ipv4_udp().llc_snap(0x0800)), kOk, 4},
      {"sll netlink", LinkType::kLinuxSll, sll(824, 0x0800, ipv4_udp()), kNotIp, 0},
      {"sll 15 bytes", LinkType::kLinuxSll, PacketBuilder(15), kMalformed, 0},
      {"sll2 ipv6", LinkType::kLinuxSll2, sll2(1, 0x86dd, ipv6_udp()), kOk, 6},
      {"sll2 arp", LinkType::kLinuxSll2, sll2(1, 0x0806, PacketBuilder(28)), kNotIp, 0},
      {"sll2 19 bytes", LinkType::kLinuxSll2, PacketBuilder(19), kMalformed, 0},
      {"user 0", kUser0, ipv4_udp(), kLinkTypeUnsupported, 0},
  };
}

TEST(LinkLayers, AreFollowedToIpOrEndWithTheirReason) {
  for (const LinkCase& test : link_cases()) {
    const DecodedPacket decoded = decode(test.packet, test.link_type);
    EXPECT_EQ(decoded.status, test.status) << test.name;
    ASSERT_EQ(decoded.ip_layer_count, test.version == 0 ? 0 : 1) << test.name;
    if (test.version == 0) continue;
    EXPECT_EQ(decoded.flow_layer().version, test.version) << test.name;
    EXPECT_EQ(decoded.flow_layer().src_port, 1000) << test.name;
    EXPECT_EQ(decoded.flow_layer().dst_port, 2000) << test.name;
  }
}

// A cut anywhere in front of the ports is a cut, never a fault of the packet, and none behind them matters.
TEST(LinkLayers, CutBySnaplenAreTruncated) {
  for (const LinkCase& test : link_cases()) {
    if (test.status != DecodeStatus::kOk) continue;
    const std::size_t ports_end = decode(test.packet, test.link_type).flow_layer().transport_offset + 4U;
    for (std::size_t captured = 0; captured < test.packet.size(); ++captured) {
      const DecodedPacket decoded = decode_cut(test.packet, captured, test.link_type);
      if (captured >= ports_end) {
        EXPECT_EQ(decoded.status, DecodeStatus::kOk) << test.name << " cut at " << captured;
      } else {
        EXPECT_EQ(decoded.status, DecodeStatus::kTruncated) << test.name << " cut at " << captured;
      }
    }
  }
}

TEST(Vlan, KeepsTheTwoOutermostIds) {
  const DecodedPacket one = decode(ipv4_udp().vlan(0x3007, 0x0800).ethernet(0x8100));
  EXPECT_EQ(one.status, DecodeStatus::kOk);
  ASSERT_EQ(one.vlan_count, 1);
  EXPECT_EQ(one.vlan_ids[0], 7) << "priority and drop eligibility are no part of the id";

  const DecodedPacket three =
      decode(ipv4_udp().vlan(3, 0x0800).vlan(2, 0x8100).vlan(1, 0x9100).ethernet(0x88a8));
  EXPECT_EQ(three.status, DecodeStatus::kOk);
  ASSERT_EQ(three.vlan_count, 2);
  EXPECT_EQ(three.vlan_ids[0], 1);
  EXPECT_EQ(three.vlan_ids[1], 2);
  EXPECT_EQ(three.header_count, 6);
}

TEST(Vlan, LeadsToSnapAndToOtherProtocols) {
  EXPECT_EQ(decode(ipv4_udp().llc_snap(0x0800).vlan(7, 40).ethernet(0x8100)).status, DecodeStatus::kOk);
  const DecodedPacket arp = decode(PacketBuilder(28).vlan(7, 0x0806).ethernet(0x8100));
  EXPECT_EQ(arp.status, DecodeStatus::kNotIp);
  EXPECT_EQ(arp.vlan_ids[0], 7);
  EXPECT_EQ(decode(PacketBuilder(3).ethernet(0x8100)).status, DecodeStatus::kMalformed);
}

TEST(Vlan, StackedBeyondTheHeaderLimitIsTooDeep) {
  PacketBuilder packet = ipv4_udp().vlan(1, 0x0800);
  for (std::size_t tags = 1; tags < DecodedPacket::kMaxHeaders; ++tags) packet.vlan(1, 0x8100);
  EXPECT_EQ(decode(packet.ethernet(0x8100)).status, DecodeStatus::kTooDeep);
}

}  // namespace
}  // namespace wireglass
