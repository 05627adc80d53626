#include <gtest/gtest.h>

#include "decode/testing/layer_cases.hpp"

namespace wireglass {
namespace {

using enum DecodeStatus;
using testing::decode;
using testing::expect_layers_of;
using testing::inner_ipv4;
using testing::inner_ipv6;
using testing::PacketBuilder;

constexpr unsigned kGre = 47;
constexpr unsigned kIpv4Type = 0x0800;
constexpr unsigned kKey = 0x2000;
constexpr unsigned kSequence = 0x1000;

PacketBuilder gre_header(PacketBuilder inside, unsigned flags, unsigned type) {
  return inside.front({flags >> 8, flags & 255, type >> 8, type & 255});
}
PacketBuilder gre(PacketBuilder inside, unsigned flags, unsigned type) {
  return gre_header(std::move(inside), flags, type).ipv4(kGre);
}
PacketBuilder frame() { return inner_ipv4().ethernet(0x0800); }
PacketBuilder word(PacketBuilder inside, unsigned value) {
  return inside.front({value >> 24, value >> 16 & 255, value >> 8 & 255, value & 255});
}
PacketBuilder ppp(PacketBuilder inside) { return inside.front({0xff, 3, 0, 0x21}); }
PacketBuilder eoip(PacketBuilder inside, unsigned frame_bytes, unsigned tunnel_octets) {
  return gre(word(std::move(inside), frame_bytes << 16 | tunnel_octets), 0x2001, 0x6400);
}
PacketBuilder erspan2(PacketBuilder inside, unsigned session) {
  return inside.front({0x10, 7, session >> 8, session & 255, 0, 0, 0, 1});
}
PacketBuilder erspan3(PacketBuilder inside, unsigned session, unsigned kinds) {
  return inside.front({0x20, 7, session >> 8, session & 255, 0, 0, 0, 0, 0, 0, kinds >> 8, kinds & 255});
}
PacketBuilder sequenced(PacketBuilder inside, unsigned type) {
  return gre(word(std::move(inside), 1), kSequence, type);
}

TEST(Gre, FollowsWhatItCarries) {
  const auto optional = [](unsigned flags, unsigned words) {
    PacketBuilder packet = inner_ipv4();
    for (unsigned i = words; i > 0; --i) packet = word(packet, i);
    return gre(packet, flags, kIpv4Type);
  };
  const PacketBuilder wireless =
      inner_ipv4().llc_snap(kIpv4Type).front(std::vector<std::byte>(22)).front({8, 1});
  const PacketBuilder within = gre(gre(inner_ipv4(), 0, kIpv4Type), 0, kIpv4Type);
  // Two source routing entries (RFC 1701), the second of length 0.
  const PacketBuilder routed = word(inner_ipv4().front({0, 0, 0, 0}).front({8, 0, 0, 4, 192, 0, 2, 9}), 0);
  expect_layers_of(
      {
          {"ipv4", gre(inner_ipv4(), 0, kIpv4Type), 2, Overlay::kGre},
          {"ipv6", gre(inner_ipv6(), 0, 0x86dd), 2, Overlay::kGre},
          {"over ipv6", gre_header(inner_ipv4(), 0, kIpv4Type).ipv6(kGre), 2, Overlay::kGre},
          {"checksum", optional(0x8000, 1), 2, Overlay::kGre},
          {"key", optional(kKey, 1), 2, Overlay::kGre, 1},
          {"Cisco metadata", gre(inner_ipv4().front({8, 0, 1, 1, 0, 1, 0, 9}), 0, 0x8909), 2, Overlay::kGre},
          {"checksum and key", optional(0xa000, 2), 2, Overlay::kGre, 2},
          {"checksum, key and sequence", optional(0xb000, 3), 2, Overlay::kGre, 2},
          {"key and sequence", optional(kKey | kSequence, 2), 2, Overlay::kGre, 1},
          {"source routes", gre(routed, 0x4000, kIpv4Type), 2, Overlay::kGre},
          {"ethernet", gre(word(frame(), 0x12345678), kKey, 0x6558), 2, Overlay::kGre, 0x12345678},
          {"vlan", gre(inner_ipv4().vlan(7, 0x0800), 0, 0x8100), 2, Overlay::kGre},
          {"ppp", gre(ppp(inner_ipv4()), 0, 0x880b), 2, Overlay::kGre},
          {"gre", within, 3, Overlay::kGre},
          {"wccp", gre(inner_ipv4(), 0, 0x883e), 2, Overlay::kGre},
          {"wccp 2", gre(inner_ipv4().front({0x80, 9, 0, 0}), 0, 0x883e), 2, Overlay::kGre},
          {"wccp 2 with alternative bucket", gre(inner_ipv4().front({0x40, 0, 0, 0}), 0, 0x883e), 2,
           Overlay::kGre},
          {"pptp", gre(word(word(ppp(inner_ipv4()), 5), 64U << 16 | 77), 0x3001, 0x880b), 2, Overlay::kPptp,
           77},
          {"pptp with acknowledgment",
           gre(word(word(word(ppp(inner_ipv4()), 4), 5), 64U << 16 | 77), 0x3081, 0x880b), 2, Overlay::kPptp,
           77},
          {"eoip", eoip(frame(), frame().size(), 0x0119), 2, Overlay::kGre, 0x1901},
          {"eoip with padding", eoip(frame().trailer(9), frame().size(), 0x0100), 2, Overlay::kGre, 1},
          {"eoip over ipv6", gre_header(word(frame(), frame().size() << 16), 0x2001, 0x6400).ipv6(kGre), 2,
           Overlay::kGre},
          {"ieee 802.11", gre(wireless, 0, 0x8200), 2, Overlay::kGre},
          {"ieee 802.11 of another type", gre(wireless, 0, 0x8370), 2, Overlay::kGre},
          {"ethernet of version 0", gre(frame(), 0, 0x6400), 2, Overlay::kGre},
      },
      LinkType::kRaw);
}

TEST(Gre, MirrorsHaveTheirSessionForTenant) {
  constexpr unsigned kPlatform = 1;
  constexpr unsigned kIpPacket = 2U << 10;
  expect_layers_of(
      {
          {"type I", gre(frame(), 0, 0x88be), 2, Overlay::kErspan},
          {"type II", sequenced(erspan2(frame(), 0x2ff), 0x88be), 2, Overlay::kErspan, 0x2ff},
          {"type II, other bits", sequenced(erspan2(frame(), 0xff01), 0x88be), 2, Overlay::kErspan, 0x301},
          {"type III", sequenced(erspan3(frame(), 5, 0), 0x22eb), 2, Overlay::kErspan, 5},
          {"type III with platform header",
           sequenced(erspan3(PacketBuilder(frame()).front({0, 0, 0, 0, 0, 0, 0, 0}), 5, kPlatform), 0x22eb),
           2, Overlay::kErspan, 5},
          {"type III with an ip packet", sequenced(erspan3(inner_ipv6(), 5, kIpPacket), 0x22eb), 2,
           Overlay::kErspan, 5},
          {"type III under the number of type II", sequenced(erspan3(frame(), 5, 0), 0x88be), 2,
           Overlay::kErspan, 5},
      },
      LinkType::kRaw);
}

TEST(Gre, CountsForTheOuterFlowWhereTheInsideIsNotFollowed) {
  const PacketBuilder wireless =
      inner_ipv4().llc_snap(kIpv4Type).front(std::vector<std::byte>(22)).front({8, 1});
  const auto outer = [](std::string name, PacketBuilder packet, DecodeStatus reason) {
    return testing::LayerCase{std::move(name), std::move(packet), 1, Overlay::kNone, 0, kOk, reason};
  };
  expect_layers_of(
      {
          outer("3 bytes", PacketBuilder(3).ipv4(kGre), kMalformed),
          outer("key cut", gre(PacketBuilder(3), kKey, kIpv4Type), kMalformed),
          outer("version 2", gre(inner_ipv4(), 2, kIpv4Type), kMalformed),
          outer("pptp without key", gre(word(inner_ipv4(), 5), 0x1001, 0x880b), kMalformed),
          outer("pptp with ipv4", gre(word(word(inner_ipv4(), 5), 77), 0x3001, kIpv4Type), kMalformed),
          outer("eoip without key", gre(frame(), 1, 0x6400), kMalformed),
          outer("eoip with a cut frame", eoip(frame(), 13, 1), kMalformed),
          outer("endless source routes", gre(word(PacketBuilder(2), 0), 0x4000, kIpv4Type), kMalformed),
          outer("arp", gre(PacketBuilder(28), 0, 0x0806), kNotIp),
          outer("no type of ieee 802.11", gre(wireless, 0, 0x8380), kNotIp),
          outer("ieee 802.11 in cipher", gre(PacketBuilder(wireless).set8(1, 0x41), 0, 0x8200), kNotIp),
          outer("nhrp", gre(PacketBuilder(28), 0, 0x2001), kNotIp),
          outer("keepalive", gre(PacketBuilder(), 0, 0), kNotIp),
          outer("ethernet with arp", gre(PacketBuilder(28).ethernet(0x0806), 0, 0x6558), kNotIp),
          outer("ppp with lcp", gre(PacketBuilder(8).front({0xc0, 0x21}), 0, 0x880b), kNotIp),
          outer("version 5 inside", gre(inner_ipv4().set8(0, 0x55), 0, kIpv4Type), kMalformed),
          outer("wccp without packet", gre(PacketBuilder(2), 0, 0x883e), kMalformed),
          outer("erspan of version 3", sequenced(erspan2(frame(), 5).set8(0, 0x30), 0x88be), kMalformed),
          outer("erspan cut", sequenced(PacketBuilder(7), 0x88be), kMalformed),
          outer("erspan III cut", sequenced(PacketBuilder(11).set8(0, 0x20), 0x22eb), kMalformed),
          outer("erspan III with an infiniband frame", sequenced(erspan3(frame(), 5, 7U << 10), 0x22eb),
                kNotIp),
          outer("erspan with spanning tree", sequenced(erspan2(PacketBuilder(38).ethernet(38), 5), 0x88be),
                kNotIp),
      },
      LinkType::kRaw);
}

TEST(Gre, AcknowledgmentAloneCarriesNothing) {
  const DecodedPacket decoded =
      decode(gre(word(word(PacketBuilder(), 9), 77), 0x2081, 0x880b), LinkType::kRaw);
  EXPECT_EQ(decoded.status, kOk);
  EXPECT_EQ(decoded.inner_status, kOk) << "there is nothing to follow";
  EXPECT_EQ(decoded.ip_layer_count, 1);
  EXPECT_EQ(decoded.overlay, Overlay::kNone);
}

TEST(Gre, EoipKeepaliveCarriesNothing) {
  const DecodedPacket decoded = decode(eoip(PacketBuilder(), 0, 1), LinkType::kRaw);
  EXPECT_EQ(decoded.inner_status, kOk) << "there is nothing to follow";
  EXPECT_EQ(decoded.ip_layer_count, 1);
  EXPECT_EQ(decoded.overlay, Overlay::kNone);
}

TEST(Gre, SecondTunnelThatFailsLeavesTheFirst) {
  const PacketBuilder packet = gre(word(gre(word(PacketBuilder(28), 2), kKey, 0x0806), 1), kKey, kIpv4Type);
  const DecodedPacket decoded = decode(packet, LinkType::kRaw);
  EXPECT_EQ(decoded.inner_status, kNotIp);
  EXPECT_EQ(decoded.ip_layer_count, 2);
  EXPECT_EQ(decoded.overlay, Overlay::kGre);
  EXPECT_EQ(decoded.tenant_id, 1U);
  EXPECT_EQ(decoded.overlay_ip_layer, 0);
}

}  // namespace
}  // namespace wireglass
