#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "decode/testing/decode_helpers.hpp"

namespace wireglass {
namespace {

using testing::decode;
using testing::decode_cut;
using testing::PacketBuilder;
using testing::view_of;

constexpr unsigned kTcp = 6;
constexpr unsigned kUdp = 17;
constexpr unsigned kLispData = 4341;
constexpr unsigned kNoFlags = 0x00;
constexpr unsigned kInstanceId = 0x08;
constexpr unsigned kOuterLimit = 28;  // IPv4 and UDP in front of the LISP header

PacketBuilder inner_ipv4() { return PacketBuilder(20).tcp(1000, 2000, 0x18).ipv4(kTcp); }
PacketBuilder inner_ipv6() { return PacketBuilder(20).tcp(1000, 2000, 0x18).ipv6(kTcp); }

PacketBuilder lisp(PacketBuilder inside, unsigned flags, unsigned instance_id = 0) {
  return inside.front(
      {flags, 0xab, 0xcd, 0xef, instance_id >> 16 & 255, instance_id >> 8 & 255, instance_id & 255, 3});
}
PacketBuilder lisp_over_ipv4(PacketBuilder inside, unsigned flags, unsigned instance_id = 0) {
  return lisp(std::move(inside), flags, instance_id).udp(61000, kLispData).ipv4(kUdp);
}

void expect_outer_flow(const DecodedPacket& decoded, const std::string& name) {
  EXPECT_EQ(decoded.status, DecodeStatus::kOk) << name;
  ASSERT_EQ(decoded.ip_layer_count, 1) << name;
  EXPECT_EQ(decoded.overlay, Overlay::kNone) << name;
  EXPECT_EQ(decoded.tenant_id, 0U) << name;
  EXPECT_EQ(decoded.overlay_ip_layer, 0) << name;
  EXPECT_EQ(decoded.tcp_flags, 0) << name;
  EXPECT_EQ(decoded.icmp_type_code, 0) << name;
  EXPECT_EQ(decoded.flow_layer().dst_port, kLispData) << name;
}

TEST(Lisp, AllFourMixesOfFamiliesGiveAnInnerLayer) {
  for (const bool outer_is_ipv6 : {false, true}) {
    for (const bool inner_is_ipv6 : {false, true}) {
      PacketBuilder packet = lisp(inner_is_ipv6 ? inner_ipv6() : inner_ipv4(), kInstanceId, 0x123456);
      packet.udp(61000, kLispData);
      outer_is_ipv6 ? packet.ipv6(kUdp) : packet.ipv4(kUdp);
      const DecodedPacket decoded = decode(packet, LinkType::kRaw);
      EXPECT_EQ(decoded.status, DecodeStatus::kOk);
      ASSERT_EQ(decoded.ip_layer_count, 2);
      EXPECT_EQ(decoded.ip_layers[0].version, outer_is_ipv6 ? 6 : 4);
      EXPECT_EQ(decoded.ip_layers[0].dst_port, kLispData);
      EXPECT_EQ(decoded.flow_layer().version, inner_is_ipv6 ? 6 : 4);
      EXPECT_EQ(decoded.flow_layer().src_port, 1000);
      EXPECT_EQ(decoded.flow_layer().ip_bytes, inner_is_ipv6 ? 80U : 60U);
      EXPECT_EQ(decoded.overlay, Overlay::kLisp);
      EXPECT_EQ(decoded.overlay_ip_layer, 0);
      EXPECT_EQ(decoded.tenant_id, 0x123456U);
      EXPECT_EQ(decoded.tcp_flags, 0x18);
    }
  }
}

TEST(Lisp, TenantIsTheInstanceIdWhereThereIsOne) {
  EXPECT_EQ(decode(lisp_over_ipv4(inner_ipv4(), kNoFlags, 42), LinkType::kRaw).tenant_id, 0U)
      << "32 locator status bits stand there without the I flag";
  EXPECT_EQ(decode(lisp_over_ipv4(inner_ipv4(), 0xf8, 0xffffff), LinkType::kRaw).tenant_id, 0xffffffU);
}

TEST(Lisp, IsKnownBySourcePortToo) {
  const DecodedPacket decoded =
      decode(lisp(inner_ipv4(), kNoFlags).udp(kLispData, 61000).ipv4(kUdp), LinkType::kRaw);
  EXPECT_EQ(decoded.overlay, Overlay::kLisp);
}

TEST(Lisp, NextProtocolTellsWhatIsInsideGpe) {
  constexpr unsigned kGpe = 0x0c;  // P and I
  const struct {
    std::string name;
    PacketBuilder inside;
    unsigned next_protocol;
  } cases[] = {
      {"IPv4", inner_ipv4(), 1},
      {"IPv6", inner_ipv6(), 2},
      {"Ethernet", inner_ipv4().ethernet(0x0800), 3},
      {"NSH", inner_ipv4().front({0x0f, 0xc2, 2, 1, 0, 0, 7, 255}), 4},
      {"a shim header of 4 octets", inner_ipv4().front({0, 0, 0, 1}), 0x80},
      {"two shim headers", inner_ipv6().front({0, 0, 0, 2}).front({7, 1, 0, 0x81, 1, 2, 3, 4}), 0xfd},
  };
  for (const auto& test : cases) {
    PacketBuilder packet = test.inside;
    packet.front({kGpe, 0, 0, test.next_protocol, 0, 0, 42, 0}).udp(61000, kLispData).ipv4(kUdp);
    const DecodedPacket decoded = decode(packet, LinkType::kRaw);
    EXPECT_EQ(decoded.status, DecodeStatus::kOk) << test.name;
    ASSERT_EQ(decoded.ip_layer_count, 2) << test.name;
    EXPECT_EQ(decoded.overlay, Overlay::kLispGpe) << test.name;
    EXPECT_EQ(decoded.tenant_id, 42U) << test.name;
    EXPECT_EQ(decoded.flow_layer().dst_port, 2000) << test.name;
  }
  const struct {
    std::string name;
    PacketBuilder inside;
    unsigned next_protocol;
  } invalid[] = {
      {"reserved", inner_ipv4(), 0},
      {"unassigned", inner_ipv4(), 0x7d},
      {"IPv6 that is IPv4", inner_ipv4(), 2},
      {"ARP", PacketBuilder(28).ethernet(0x0806), 3},
      {"a shim header beyond the packet", inner_ipv4().front({0, 255, 0, 1}), 0x80},
      {"shim headers that never end", PacketBuilder(60).set8(3, 0x80), 0x80},
      {"half a shim header", PacketBuilder(2), 0x80},
  };
  for (const auto& test : invalid) {
    PacketBuilder packet = test.inside;
    packet.front({kGpe, 0, 0, test.next_protocol, 0, 0, 42, 0}).udp(61000, kLispData).ipv4(kUdp);
    expect_outer_flow(decode(packet, LinkType::kRaw), test.name);
  }
}

TEST(Lisp, OtherDatagramsOnItsPortAreNoTunnels) {
  const PacketBuilder longer = inner_ipv4().set16(2, 61);
  expect_outer_flow(decode(lisp_over_ipv4(longer, kNoFlags), LinkType::kRaw), "longer than its datagram");
  const PacketBuilder longer_v6 = inner_ipv6().set16(4, 41);
  expect_outer_flow(decode(lisp_over_ipv4(longer_v6, kNoFlags), LinkType::kRaw), "IPv6 likewise");
  const PacketBuilder payload(100);
  expect_outer_flow(decode(lisp_over_ipv4(payload, kNoFlags), LinkType::kRaw), "zeros");
}

TEST(Lisp, PortsAreConfigured) {
  const PacketBuilder packet = lisp(inner_ipv4(), kNoFlags).udp(61000, 14341).ipv4(kUdp);
  const PacketView view = view_of(packet.bytes(), LinkType::kRaw);
  DecodedPacket decoded;
  Decoder().decode(view, decoded);
  EXPECT_EQ(decoded.ip_layer_count, 1);
  DecoderConfig config;
  config.set_ports(ProtocolId::kLisp, std::array<std::uint16_t, 1>{14341});
  Decoder(config).decode(view, decoded);
  EXPECT_EQ(decoded.ip_layer_count, 2);
}

TEST(Lisp, CountsForTheOuterFlowWhereTheInsideCannotBeDecoded) {
  const struct {
    std::string name;
    PacketBuilder inside;
    unsigned flags;
  } cases[] = {
      {"encrypted", inner_ipv4(), 0x01},
      {"encrypted under key 3", inner_ipv4(), 0x0b},
      {"nothing inside", PacketBuilder(), kInstanceId},
      {"version 5", inner_ipv4().set8(0, 0x55), kInstanceId},
      {"bad header length", inner_ipv4().set8(0, 0x44), kInstanceId},
      {"ethernet inside", inner_ipv4().ethernet(0x0800), kInstanceId},
      {"half an ipv6 header", PacketBuilder(19).front({0x60}), kInstanceId},
      {"ends in front of the ports", PacketBuilder(2).ipv4(kTcp), kInstanceId},
  };
  for (const auto& test : cases) {
    expect_outer_flow(decode(lisp_over_ipv4(test.inside, test.flags, 42), LinkType::kRaw), test.name);
  }
  const DecodedPacket encrypted = decode(lisp_over_ipv4(inner_ipv4(), 0x01), LinkType::kRaw);
  EXPECT_EQ(encrypted.headers[encrypted.header_count - 1].protocol, ProtocolId::kLisp);
}

TEST(Lisp, CountsForTheOuterFlowWhereTheSnaplenCutsTheInside) {
  const PacketBuilder packet = lisp_over_ipv4(inner_ipv4(), kInstanceId, 42);
  const std::size_t inner_ports_end = kOuterLimit + 8 + 24;
  for (std::size_t captured = 24; captured < inner_ports_end; ++captured) {
    expect_outer_flow(decode_cut(packet, captured, LinkType::kRaw), std::to_string(captured));
  }
  EXPECT_EQ(decode_cut(packet, inner_ports_end, LinkType::kRaw).overlay, Overlay::kLisp);
}

TEST(Lisp, UdpLengthEndsTheInside) {
  PacketBuilder packet = lisp(inner_ipv4(), kInstanceId, 42).udp(61000, kLispData).set16(4, 20).ipv4(kUdp);
  expect_outer_flow(decode(packet, LinkType::kRaw), "udp length in the midst of the inner header");
  PacketBuilder bad = lisp(inner_ipv4(), kInstanceId, 42).udp(61000, kLispData).set16(4, 7).ipv4(kUdp);
  expect_outer_flow(decode(bad, LinkType::kRaw), "udp length below 8");
  PacketBuilder zero = lisp(inner_ipv4(), kInstanceId, 42).udp(61000, kLispData).set16(4, 0).ipv4(kUdp);
  EXPECT_EQ(decode(zero, LinkType::kRaw).overlay, Overlay::kLisp);
}

TEST(Lisp, LaterFragmentOfTheTunnelCountsForTheOuterFlow) {
  PacketBuilder packet = lisp(inner_ipv4(), kInstanceId).udp(61000, kLispData).ipv4(kUdp, 0x00b9);
  const DecodedPacket decoded = decode(packet, LinkType::kRaw);
  EXPECT_EQ(decoded.ip_layer_count, 1);
  EXPECT_EQ(decoded.overlay, Overlay::kNone);
}

TEST(Lisp, NestedTunnelsKeepTheInnermost) {
  PacketBuilder packet = lisp_over_ipv4(lisp_over_ipv4(inner_ipv6(), kInstanceId, 7), kInstanceId, 8);
  const DecodedPacket decoded = decode(packet, LinkType::kRaw);
  ASSERT_EQ(decoded.ip_layer_count, 3);
  EXPECT_EQ(decoded.overlay_ip_layer, 1);
  EXPECT_EQ(decoded.tenant_id, 7U);
}

TEST(Lisp, RefusedNestedTunnelLeavesTheOneAroundIt) {
  PacketBuilder packet =
      lisp_over_ipv4(lisp_over_ipv4(inner_ipv4().set8(0, 0x55), kInstanceId, 7), kInstanceId, 8);
  const DecodedPacket decoded = decode(packet, LinkType::kRaw);
  EXPECT_EQ(decoded.status, DecodeStatus::kOk);
  ASSERT_EQ(decoded.ip_layer_count, 2);
  EXPECT_EQ(decoded.overlay, Overlay::kLisp);
  EXPECT_EQ(decoded.overlay_ip_layer, 0);
  EXPECT_EQ(decoded.tenant_id, 8U);
}

TEST(Lisp, TunnelsBeyondTheLayerLimitCountForTheInnermostThatFits) {
  PacketBuilder packet = inner_ipv4();
  for (std::size_t depth = 0; depth < DecodedPacket::kMaxIpLayers + 2; ++depth) {
    packet = lisp_over_ipv4(packet, kInstanceId, static_cast<unsigned>(depth));
  }
  const DecodedPacket decoded = decode(packet, LinkType::kRaw);
  EXPECT_EQ(decoded.status, DecodeStatus::kOk);
  EXPECT_EQ(decoded.ip_layer_count, DecodedPacket::kMaxIpLayers);
  EXPECT_EQ(decoded.overlay_ip_layer, DecodedPacket::kMaxIpLayers - 2);
}

TEST(LispControl, IsKnownAndAddsNoLayer) {
  PacketBuilder packet = inner_ipv4().front({0x80, 0, 0, 0}).udp(4342, 4342).ipv4(kUdp);
  const DecodedPacket decoded = decode(packet, LinkType::kRaw);
  EXPECT_EQ(decoded.status, DecodeStatus::kOk);
  EXPECT_EQ(decoded.ip_layer_count, 1);
  EXPECT_EQ(decoded.overlay, Overlay::kNone);
  EXPECT_EQ(decoded.headers[decoded.header_count - 1].protocol, ProtocolId::kLispControl);
}

}  // namespace
}  // namespace wireglass
