#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "decode/ip_extensions.hpp"
#include "decode/testing/decode_helpers.hpp"

namespace wireglass {
namespace {

using testing::decode;
using testing::decode_cut;
using testing::PacketBuilder;
using testing::view_of;

constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
constexpr unsigned kMoreFragments = 0x2000;

PacketBuilder tcp() { return PacketBuilder(10).tcp(1000, 2000, 0x02); }

struct IpCase {
  std::string name;
  PacketBuilder packet;
  DecodeStatus status;
  std::uint8_t protocol = 0;
  bool has_ports = false;
  std::uint32_t ip_bytes = 0;
};

void expect_all(const std::vector<IpCase>& cases) {
  for (const IpCase& test : cases) {
    const DecodedPacket decoded = decode(test.packet, LinkType::kRaw);
    EXPECT_EQ(decoded.status, test.status) << test.name;
    if (test.status != DecodeStatus::kOk || decoded.ip_layer_count != 1) continue;
    const IpLayer& layer = decoded.flow_layer();
    EXPECT_EQ(layer.protocol, test.protocol) << test.name;
    EXPECT_EQ(layer.has_ports, test.has_ports) << test.name;
    EXPECT_EQ(layer.src_port, test.has_ports ? 1000 : 0) << test.name;
    EXPECT_EQ(layer.dst_port, test.has_ports ? 2000 : 0) << test.name;
    EXPECT_EQ(layer.ip_bytes, test.ip_bytes) << test.name;
  }
}

TEST(Ipv4, TellsValidFromInvalid) {
  using enum DecodeStatus;
  expect_all({
      {"tcp", tcp().ipv4(kTcp), kOk, kTcp, true, 50},
      {"options", tcp().ipv4(kTcp, 0, 40), kOk, kTcp, true, 90},
      {"padding behind the end", tcp().ipv4(kTcp).trailer(6), kOk, kTcp, true, 50},
      {"header length below 5", tcp().ipv4(kTcp).set8(0, 0x44), kMalformed},
      {"version 5", tcp().ipv4(kTcp).set8(0, 0x55), kMalformed},
      {"19 bytes", PacketBuilder(18).front({0x45}), kMalformed},
      {"total length below header length", tcp().ipv4(kTcp).set16(2, 19), kMalformed},
      {"options beyond total length", tcp().ipv4(kTcp).set8(0, 0x4f).set16(2, 40), kMalformed},
      {"options beyond the frame", PacketBuilder().ipv4(kTcp).set8(0, 0x4f).set16(2, 80), kMalformed},
      {"total length 0 is the frame's", tcp().ipv4(kTcp).set16(2, 0), kOk, kTcp, true, 50},
      {"total length beyond the frame", tcp().ipv4(kTcp).set16(2, 1500), kOk, kTcp, true, 1500},
      {"ends in front of the ports", PacketBuilder(10).ipv4(kTcp).set16(2, 23), kMalformed},
      {"3 bytes of udp", PacketBuilder(3).ipv4(kUdp), kMalformed},
      {"only ports of tcp", tcp().ipv4(kTcp).set16(2, 24), kOk, kTcp, true, 24},
      {"sctp", tcp().ipv4(132), kOk, 132, true, 50},
      {"dccp", tcp().ipv4(33), kOk, 33, true, 50},
      {"udp-lite", tcp().ipv4(136), kOk, 136, true, 50},
      {"2 bytes of sctp", PacketBuilder(2).ipv4(132), kMalformed},
      {"gre", tcp().ipv4(47), kOk, 47, false, 50},
      {"ipv6 in ipv4", tcp().ipv6(kTcp).ipv4(41), kOk, 41, false, 90},
      {"esp", tcp().ipv4(50), kOk, 50, false, 50},
      {"no payload of an unknown protocol", PacketBuilder().ipv4(253), kOk, 253, false, 20},
      {"authentication header", tcp().authentication_header(kTcp).ipv4(51), kOk, kTcp, true, 74},
      {"authentication header cut", PacketBuilder(7).ipv4(51), kMalformed},
      {"hop-by-hop is nothing of ipv4", tcp().extension(kTcp).ipv4(0), kOk, 0, false, 58},
  });
}

TEST(Ipv4, FirstFragmentsHavePortsAndLaterOnesNone) {
  const DecodedPacket first = decode(tcp().ipv4(kTcp, kMoreFragments), LinkType::kRaw);
  EXPECT_EQ(first.status, DecodeStatus::kOk);
  EXPECT_TRUE(first.flow_layer().is_fragment);
  EXPECT_FALSE(first.flow_layer().is_later_fragment);
  EXPECT_TRUE(first.flow_layer().has_ports);
  EXPECT_EQ(first.tcp_flags, 0x02);

  for (const unsigned fragment : {kMoreFragments | 1U, 0x1fffU, 185U}) {
    const DecodedPacket later = decode(tcp().ipv4(kTcp, fragment), LinkType::kRaw);
    EXPECT_EQ(later.status, DecodeStatus::kOk);
    EXPECT_TRUE(later.flow_layer().is_later_fragment);
    EXPECT_TRUE(later.flow_layer().is_fragment);
    EXPECT_FALSE(later.flow_layer().has_ports);
    EXPECT_EQ(later.flow_layer().src_port, 0);
    EXPECT_EQ(later.flow_layer().protocol, kTcp);
    EXPECT_EQ(later.tcp_flags, 0);
  }
  const DecodedPacket whole = decode(tcp().ipv4(kTcp, 0x4000), LinkType::kRaw);
  EXPECT_FALSE(whole.flow_layer().is_fragment);
}

TEST(Ipv4, TinyFirstFragmentIsMeteredWithoutPorts) {
  const DecodedPacket tiny = decode(PacketBuilder(2).ipv4(kTcp, kMoreFragments), LinkType::kRaw);
  EXPECT_EQ(tiny.status, DecodeStatus::kOk);
  EXPECT_FALSE(tiny.flow_layer().has_ports);
  const DecodedPacket cut = decode_cut(tcp().ipv4(kTcp, kMoreFragments), 22, LinkType::kRaw);
  EXPECT_EQ(cut.status, DecodeStatus::kTruncated);
}

TEST(Ipv4, OffloadedPacketIsAsLongAsItsFrameOnTheWire) {
  const PacketBuilder packet = tcp().ipv4(kTcp).set16(2, 0);
  PacketView view = view_of(packet.bytes(), LinkType::kRaw);
  view.original_length = 180'000;
  EXPECT_EQ(decode(view).flow_layer().ip_bytes, 180'000U);
}

TEST(Ipv4, FileThatClaimsFewerBytesThanItHoldsIsReadAllTheSame) {
  const PacketBuilder packet = tcp().ipv4(kTcp);
  PacketView view = view_of(packet.bytes(), LinkType::kRaw);
  view.original_length = 0;
  EXPECT_EQ(decode(view).status, DecodeStatus::kOk);
}

TEST(Ipv6, TellsValidFromInvalid) {
  using enum DecodeStatus;
  PacketBuilder chain_of_limit = tcp().extension(kTcp);
  for (std::uint32_t i = 1; i < kMaxExtensionHeaders; ++i) chain_of_limit.extension(60);
  PacketBuilder chain_above_limit = chain_of_limit;
  chain_above_limit.extension(60);
  expect_all({
      {"tcp", tcp().ipv6(kTcp), kOk, kTcp, true, 70},
      {"padding behind the end", tcp().ipv6(kTcp).trailer(6), kOk, kTcp, true, 70},
      {"version 4", tcp().ipv6(kTcp).set8(0, 0x40), kMalformed},
      {"39 bytes", PacketBuilder(38).front({0x60}), kMalformed},
      {"payload length beyond the frame", tcp().ipv6(kTcp).set16(4, 1400), kOk, kTcp, true, 1440},
      {"hop-by-hop", tcp().extension(kTcp).ipv6(0), kOk, kTcp, true, 78},
      {"routing", tcp().extension(kTcp, 2).ipv6(43), kOk, kTcp, true, 94},
      {"destination options", tcp().extension(kTcp, 31).ipv6(60), kOk, kTcp, true, 326},
      {"mobility", PacketBuilder().extension(59, 1).ipv6(135), kOk, 59, false, 56},
      {"hip", PacketBuilder().extension(59, 4).ipv6(139), kOk, 59, false, 80},
      {"shim6", tcp().extension(kTcp).ipv6(140), kOk, kTcp, true, 78},
      {"authentication header", tcp().authentication_header(kTcp).ipv6(51), kOk, kTcp, true, 94},
      {"all of them", tcp().extension(kTcp).authentication_header(60).extension(51).extension(43).ipv6(0),
       kOk, kTcp, true, 118},
      {"no next header", PacketBuilder(12).ipv6(59), kOk, 59, false, 52},
      {"esp", tcp().ipv6(50), kOk, 50, false, 70},
      {"atomic fragment", tcp().ipv6_fragment(kTcp, 0).ipv6(44), kOk, kTcp, true, 78},
      {"extension beyond the payload", tcp().extension(kTcp, 20).ipv6(0).set16(4, 60), kMalformed},
      {"7 bytes of extension", PacketBuilder(7).ipv6(0), kMalformed},
      {"as many extensions as are followed", chain_of_limit.ipv6(60), kOk, kTcp, true, 1094},
      {"one more", chain_above_limit.ipv6(60), kTooDeep},
      {"payload length 0", tcp().ipv6(kTcp).set16(4, 0), kMalformed},
      {"payload length 0, no next header", PacketBuilder().ipv6(59), kOk, 59, false, 40},
      {"ipv4 in ipv6", tcp().ipv4(kTcp).ipv6(4), kOk, 4, false, 90},
  });
}

TEST(Ipv6, FirstFragmentsHavePortsAndLaterOnesNone) {
  const DecodedPacket first = decode(tcp().ipv6_fragment(kTcp, 1).ipv6(44), LinkType::kRaw);
  EXPECT_TRUE(first.flow_layer().is_fragment);
  EXPECT_TRUE(first.flow_layer().has_ports);

  const DecodedPacket later = decode(tcp().ipv6_fragment(kTcp, 0x05a9).ipv6(44), LinkType::kRaw);
  EXPECT_EQ(later.status, DecodeStatus::kOk);
  EXPECT_TRUE(later.flow_layer().is_later_fragment);
  EXPECT_FALSE(later.flow_layer().has_ports);
  EXPECT_EQ(later.flow_layer().protocol, kTcp);

  const DecodedPacket atomic = decode(tcp().ipv6_fragment(kTcp, 0).ipv6(44), LinkType::kRaw);
  EXPECT_FALSE(atomic.flow_layer().is_fragment) << "RFC 6946: a whole packet";
}

TEST(Ipv6, FirstFragmentThatEndsInTheHeaderChainIsMeteredWithoutPorts) {
  const DecodedPacket decoded =
      decode(PacketBuilder(4).front({kTcp, 3}).ipv6_fragment(60, 1).ipv6(44), LinkType::kRaw);
  EXPECT_EQ(decoded.status, DecodeStatus::kOk);
  EXPECT_EQ(decoded.flow_layer().protocol, 60);
  EXPECT_FALSE(decoded.flow_layer().has_ports);
}

TEST(Ipv6, JumbogramHasTheLengthOfItsOption) {
  PacketBuilder packet = tcp().front({kTcp, 0, 0xc2, 4, 0, 1, 0x11, 0x70}).ipv6(0).set16(4, 0);
  PacketView view = view_of(packet.bytes(), LinkType::kRaw);
  view.original_length = 70'040;
  const DecodedPacket decoded = decode(view);
  EXPECT_EQ(decoded.status, DecodeStatus::kOk);
  EXPECT_EQ(decoded.flow_layer().ip_bytes, 40U + 70'000U);
  EXPECT_TRUE(decoded.flow_layer().has_ports);
}

TEST(Ipv6, JumboOptionIsFoundBehindPaddingAndOnlyWhereItIsWhole) {
  PacketBuilder padded =
      tcp().front({kTcp, 1, 0, 1, 2, 0, 0, 0, 0, 0, 0xc2, 4, 0, 1, 0x11, 0x70}).ipv6(0).set16(4, 0);
  EXPECT_EQ(decode(padded, LinkType::kRaw).flow_layer().ip_bytes, 70'040U);
  PacketBuilder outside = tcp().front({kTcp, 0, 1, 2, 0, 0, 0xc2, 4}).ipv6(0).set16(4, 0);
  EXPECT_EQ(decode(outside, LinkType::kRaw).status, DecodeStatus::kMalformed);
  PacketBuilder small = tcp().front({kTcp, 0, 0xc2, 4, 0, 0, 0, 38}).ipv6(0).set16(4, 0);
  EXPECT_EQ(decode(small, LinkType::kRaw).status, DecodeStatus::kMalformed) << "RFC 2675 section 3";
}

TEST(Ipv6, OffloadedPacketIsAsLongAsItsFrameOnTheWire) {
  const PacketBuilder packet = tcp().ipv6(kTcp).set16(4, 0);
  PacketView view = view_of(packet.bytes(), LinkType::kRaw);
  view.original_length = 80'040;
  const DecodedPacket decoded = decode(view);
  EXPECT_EQ(decoded.status, DecodeStatus::kOk);
  EXPECT_EQ(decoded.flow_layer().ip_bytes, 80'040U);
}

TEST(Ipv6, ChainOfExtensionsCutBySnaplenIsTruncated) {
  const PacketBuilder packet = tcp().extension(kTcp, 1).extension(60).ipv6_fragment(43, 0).ipv6(44);
  for (std::size_t captured = 1; captured < packet.size(); ++captured) {
    const DecodedPacket decoded = decode_cut(packet, captured, LinkType::kRaw);
    EXPECT_EQ(decoded.status, captured < 76 ? DecodeStatus::kTruncated : DecodeStatus::kOk) << captured;
  }
}

}  // namespace
}  // namespace wireglass
