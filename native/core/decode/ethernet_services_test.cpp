// What stands between an Ethernet header and IP: PPPoE, services, tags of switches, MACsec.
#include <gtest/gtest.h>

#include "decode/testing/layer_cases.hpp"

namespace wireglass {
namespace {

using enum DecodeStatus;
using testing::decode;
using testing::expect_layers_of;
using testing::inner_ipv4;
using testing::inner_ipv6;
using testing::LayerCase;
using testing::PacketBuilder;

PacketBuilder frame() { return inner_ipv4().ethernet(0x0800); }
PacketBuilder pppoe(PacketBuilder inside, unsigned code = 0) {
  const unsigned length = inside.size();
  return inside.front({0x11, code, 0, 0x2a, length >> 8, length & 255}).ethernet(0x8864);
}
PacketBuilder pbb(PacketBuilder inside, unsigned service) {
  return inside.front({0x60, service >> 16, service >> 8 & 255, service & 255}).ethernet(0x88e7);
}
PacketBuilder nsh_header(PacketBuilder inside, unsigned next_protocol, unsigned path) {
  return inside.front({0x0f, 0xc2, 2, next_protocol, path >> 16, path >> 8 & 255, path & 255, 255});
}
PacketBuilder macsec(PacketBuilder inside, unsigned control, unsigned short_length = 0) {
  if ((control & 0x20) != 0) inside.front({2, 0, 0, 0, 0, 1, 0, 1});
  return inside.front({control, short_length, 0, 0, 0, 9}).ethernet(0x88e5);
}
PacketBuilder typed(PacketBuilder inside, unsigned ethertype) {
  return inside.front({ethertype >> 8, ethertype & 255});
}

TEST(Pppoe, SessionCarriesPpp) {
  expect_layers_of(
      {
          {"ipv4", pppoe(inner_ipv4().front({0, 0x21}))},
          {"ipv6", pppoe(inner_ipv6().front({0, 0x57}))},
          {"compressed protocol", pppoe(inner_ipv4().front({0x21}))},
          {"padding behind the length", pppoe(inner_ipv4().front({0, 0x21})).trailer(9)},
          {"length beyond the frame", pppoe(inner_ipv4().front({0, 0x21})).set16(18, 1400)},
      },
      LinkType::kEthernet);
}

TEST(Pppoe, WithoutIpIsRefused) {
  const auto refused = [](std::string name, PacketBuilder packet, DecodeStatus status) {
    return LayerCase{std::move(name), std::move(packet), 0, Overlay::kNone, 0, status};
  };
  expect_layers_of(
      {
          refused("discovery", PacketBuilder(40).front({0x11, 9, 0, 0, 0, 40}).ethernet(0x8863), kNotIp),
          refused("lcp", pppoe(PacketBuilder(8).front({0xc0, 0x21})), kNotIp),
          refused("terminate", pppoe(inner_ipv4().front({0, 0x21}), 0xa7), kNotIp),
          refused("5 bytes", PacketBuilder(5).ethernet(0x8864), kMalformed),
          refused("length 1", pppoe(inner_ipv4().front({0, 0x21})).set16(18, 1), kMalformed),
          refused("length in front of the ports", pppoe(inner_ipv4().front({0, 0x21})).set16(18, 20),
                  kMalformed),
      },
      LinkType::kEthernet);
}

TEST(Services, HaveTheirIdentifierForTenant) {
  expect_layers_of(
      {
          {"pbb", pbb(frame(), 0x123456), 1, Overlay::kPbb, 0x123456},
          {"nsh with ipv4", nsh_header(inner_ipv4(), 1, 77).ethernet(0x894f), 1, Overlay::kNsh, 77},
          {"nsh with ipv6", nsh_header(inner_ipv6(), 2, 77).ethernet(0x894f), 1, Overlay::kNsh, 77},
          {"nsh with ethernet", nsh_header(frame(), 3, 77).ethernet(0x894f), 1, Overlay::kNsh, 77},
          {"nsh in nsh", nsh_header(nsh_header(frame(), 3, 78), 4, 77).ethernet(0x894f), 1, Overlay::kNsh,
           78},
          {"nsh with mpls", nsh_header(inner_ipv4().front({0, 0x64, 1, 64}), 5, 77).ethernet(0x894f), 1,
           Overlay::kNsh, 77},
          {"nsh with context",
           nsh_header(inner_ipv4().front({1, 2, 3, 4}), 1, 77).set8(1, 0xc3).ethernet(0x894f), 1,
           Overlay::kNsh, 77},
          {"nsh in gre",
           nsh_header(frame(), 3, 77).front({0x20, 0, 0x89, 0x4f, 0, 0, 0, 5}).ipv4(47).ethernet(0x0800), 2,
           Overlay::kGre, 5},
      },
      LinkType::kEthernet);
  EXPECT_EQ(decode(pbb(frame(), 5)).overlay_ip_layer, DecodedPacket::kNoIpLayer);
  const PacketBuilder backbone = frame().front({0, 0, 0, 9}).vlan(5, 0x88e7).ethernet(0x88a8);
  const DecodedPacket decoded = decode(backbone);
  EXPECT_EQ(decoded.overlay, Overlay::kPbb);
  EXPECT_EQ(decoded.vlan_ids[0], 5);
  EXPECT_EQ(decoded.ethernet_offset, 22);
}

TEST(Services, KeepTheirTenantWhereATunnelInsideIsNotFollowed) {
  const DecodedPacket decoded = decode(pbb(PacketBuilder(40).ipv4(4).ethernet(0x0800), 5));
  EXPECT_EQ(decoded.status, kOk);
  EXPECT_EQ(decoded.inner_status, kMalformed);
  EXPECT_EQ(decoded.overlay, Overlay::kPbb);
  EXPECT_EQ(decoded.tenant_id, 5U);
  EXPECT_EQ(decoded.overlay_ip_layer, DecodedPacket::kNoIpLayer);
}

TEST(Services, WithoutIpAreRefused) {
  const auto refused = [](std::string name, PacketBuilder packet, DecodeStatus status) {
    return LayerCase{std::move(name), std::move(packet), 0, Overlay::kNone, 0, status};
  };
  expect_layers_of(
      {
          refused("pbb with arp", pbb(PacketBuilder(28).ethernet(0x0806), 5), kNotIp),
          refused("pbb of 3 bytes", PacketBuilder(3).ethernet(0x88e7), kMalformed),
          refused("nsh of length 1", nsh_header(inner_ipv4(), 1, 77).set8(1, 0xc1).ethernet(0x894f),
                  kMalformed),
          refused("nsh longer than the frame", nsh_header(inner_ipv4(), 1, 77).set8(1, 0xff).ethernet(0x894f),
                  kMalformed),
          refused("nsh with another protocol", nsh_header(inner_ipv4(), 6, 77).ethernet(0x894f), kNotIp),
          refused("nsh of 7 bytes", PacketBuilder(7).ethernet(0x894f), kMalformed),
          refused("connectivity fault management", PacketBuilder(60).ethernet(0x8902), kNotIp),
      },
      LinkType::kEthernet);
}

TEST(Tags, LeadToWhatTheyTag) {
  expect_layers_of(
      {
          {"vn-tag", typed(inner_ipv4(), 0x0800).front({0, 0, 0, 0}).ethernet(0x8926)},
          {"vn-tag and vlan",
           typed(inner_ipv4().vlan(7, 0x0800), 0x8100).front({0, 0, 0, 0}).ethernet(0x8926)},
          {"e-tag", typed(inner_ipv6(), 0x86dd).front({0, 0, 0, 1, 0, 0}).ethernet(0x893f)},
          {"r-tag", typed(inner_ipv4(), 0x0800).front({0, 0, 0, 1}).ethernet(0xf1c1)},
          {"hsr", typed(inner_ipv4(), 0x0800).front({0, 0, 0, 1}).ethernet(0x892f)},
          {"cisco metadata", typed(inner_ipv4(), 0x0800).front({1, 1, 0, 1, 0, 9}).ethernet(0x8909)},
          {"arista, 64 bits",
           typed(inner_ipv4(), 0x0800).front({0, 1, 0, 0x10, 1, 2, 3, 4, 5, 6, 7, 8}).ethernet(0xd28b)},
          {"arista, 48 bits, other hardware",
           typed(inner_ipv4(), 0x0800).front({0, 1, 1, 0x21, 1, 2, 3, 4, 5, 6}).ethernet(0xd28b)},
          {"fabric path", frame().front({0, 0x60}).ethernet(0x8903)},
          {"trill", frame().front({0, 0x3f, 0, 1, 0, 2}).ethernet(0x22f3)},
          {"trill with options", frame().front({0, 0x7f, 0, 1, 0, 2, 9, 9, 9, 9}).ethernet(0x22f3)},
          {"bridged ethernet", frame().ethernet(0x6558)},
          {"vlan before 802.1ad", inner_ipv4().vlan(1, 0x0800).vlan(2, 0x9300).ethernet(0x9200)},
      },
      LinkType::kEthernet);
  for (const unsigned ethertype : {0x8926U, 0x893fU, 0xf1c1U, 0x892fU, 0x8909U, 0x22f3U, 0x8903U, 0xd28bU}) {
    EXPECT_EQ(decode(PacketBuilder(1).ethernet(ethertype)).status, kMalformed) << std::hex << ethertype;
    EXPECT_EQ(decode(PacketBuilder(28).ethernet(ethertype)).status, kNotIp) << std::hex << ethertype;
  }
  const PacketBuilder cut = PacketBuilder(9).front({0, 1, 0, 0x10}).ethernet(0xd28b);
  EXPECT_EQ(decode(cut).status, kMalformed) << "the EtherType is not whole";
}

TEST(Macsec, IsFollowedWhereItOnlyProtectsAgainstChange) {
  const PacketBuilder inside = typed(inner_ipv4(), 0x0800).trailer(16);
  expect_layers_of({{"plain", macsec(inside, 0)},
                    {"with channel identifier", macsec(inside, 0x20)},
                    {"short frame", macsec(typed(inner_ipv4(), 0x0800).trailer(16 + 8), 0x40, 62)}},
                   LinkType::kEthernet);
  EXPECT_EQ(decode(macsec(inside, 0x2c)).status, kEncrypted);
  EXPECT_EQ(decode(macsec(inside, 0x04)).status, kEncrypted);
  EXPECT_EQ(decode(macsec(inside, 0x08)).status, kEncrypted);
  EXPECT_EQ(decode(macsec(PacketBuilder(1), 0)).status, kMalformed);
  EXPECT_EQ(decode(PacketBuilder(5).ethernet(0x88e5)).status, kMalformed);
}

TEST(Macsec, CheckValueIsNoPartOfThePacket) {
  PacketBuilder jumbo =
      typed(PacketBuilder(20).tcp(1000, 2000, 0x18).ipv4(6).set16(2, 0), 0x0800).trailer(16);
  const DecodedPacket decoded = decode(macsec(jumbo, 0));
  EXPECT_EQ(decoded.flow_layer().ip_bytes, 60U) << "a packet without length is as long as its frame";
}

}  // namespace
}  // namespace wireglass
