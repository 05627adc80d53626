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
using testing::view_of;

constexpr unsigned kIpv4InIp = 4;
constexpr unsigned kIpv6InIp = 41;
constexpr unsigned kRouting = 43;
constexpr unsigned kEthernetInIp = 143;

PacketBuilder frame() { return inner_ipv4().ethernet(0x0800); }
// A routing header of 24 octets with one segment.
PacketBuilder routed(PacketBuilder inside, unsigned next_header, unsigned type) {
  return inside.front(std::vector<std::byte>(20)).front({next_header, 2, type, 0});
}

TEST(IpInIp, AllFourMixesAreFollowed) {
  expect_layers_of(
      {
          {"4in4", inner_ipv4().ipv4(kIpv4InIp), 2, Overlay::kIpInIp},
          {"6in4", inner_ipv6().ipv4(kIpv6InIp), 2, Overlay::kIpInIp},
          {"4in6", inner_ipv4().ipv6(kIpv4InIp), 2, Overlay::kIpInIp},
          {"6in6", inner_ipv6().ipv6(kIpv6InIp), 2, Overlay::kIpInIp},
          {"6in6in6", inner_ipv6().ipv6(kIpv6InIp).ipv6(kIpv6InIp), 3, Overlay::kIpInIp},
          {"behind extension headers", inner_ipv6().extension(kIpv6InIp).ipv6(60), 2, Overlay::kIpInIp},
          {"behind ah", inner_ipv4().authentication_header(kIpv4InIp).ipv4(51), 2, Overlay::kIpInIp},
          {"behind ah over ipv6", inner_ipv6().authentication_header(kIpv6InIp).ipv6(51), 2,
           Overlay::kIpInIp},
          {"in a first fragment", inner_ipv4().ipv4(kIpv4InIp, 0x2000), 2, Overlay::kIpInIp},
          {"ethernet in ipv4", frame().ipv4(kEthernetInIp), 2, Overlay::kEtherIp},
          {"ethernet behind a version", frame().front({0x30, 0}).ipv4(97), 2, Overlay::kEtherIp},
          {"pim register", inner_ipv4().front({0x21, 0, 0xde, 0xff, 0, 0, 0, 0}).ipv4(103), 2,
           Overlay::kIpInIp},
      },
      LinkType::kRaw);
}

TEST(IpInIp, BehindASegmentRoutingHeaderIsSrv6) {
  expect_layers_of(
      {
          {"end.dt4", routed(inner_ipv4(), kIpv4InIp, 4).ipv6(kRouting), 2, Overlay::kSrv6},
          {"end.dt6", routed(inner_ipv6(), kIpv6InIp, 4).ipv6(kRouting), 2, Overlay::kSrv6},
          {"end.dx2", routed(frame(), kEthernetInIp, 4).ipv6(kRouting), 2, Overlay::kSrv6},
          {"end.dx2 without routing header", frame().ipv6(kEthernetInIp), 2, Overlay::kSrv6},
          {"another routing header", routed(inner_ipv6(), kIpv6InIp, 0).ipv6(kRouting), 2, Overlay::kIpInIp},
          {"no tunnel behind it", routed(PacketBuilder(20).tcp(1000, 2000, 0x18), 6, 4).ipv6(kRouting)},
      },
      LinkType::kRaw);
}

TEST(IpInIp, CountsForTheOuterFlowWhereTheInsideIsNotFollowed) {
  const auto outer = [](std::string name, PacketBuilder packet, DecodeStatus reason) {
    return LayerCase{std::move(name), std::move(packet), 1, Overlay::kNone, 0, kOk, reason};
  };
  expect_layers_of(
      {
          outer("nothing inside", PacketBuilder().ipv4(kIpv4InIp), kMalformed),
          outer("version 5 inside", inner_ipv4().set8(0, 0x55).ipv4(kIpv4InIp), kMalformed),
          outer("ports missing inside", PacketBuilder(2).ipv4(6).ipv4(kIpv4InIp), kMalformed),
          outer("arp in ethernet", PacketBuilder(28).ethernet(0x0806).ipv6(kEthernetInIp), kNotIp),
          outer("ether_ip of version 2", frame().front({0x20, 0}).ipv4(97), kMalformed),
          outer("half an ether_ip", PacketBuilder(1).ipv4(97), kMalformed),
          outer("esp", PacketBuilder(40).ipv4(50), kEncrypted),
          outer("esp behind ah", PacketBuilder(40).authentication_header(50).ipv6(51), kEncrypted),
          outer("ipcomp", PacketBuilder(40).ipv6(108), kCompressed),
          outer("pim register of a broken packet",
                PacketBuilder(20).front({0x21, 0, 0xde, 0xff, 0, 0, 0, 0}).ipv4(103), kMalformed),
      },
      LinkType::kRaw);
}

TEST(IpInIp, LaterFragmentsAndPimWithoutDataCarryNothing) {
  for (const PacketBuilder& packet :
       {inner_ipv4().ipv4(kIpv4InIp, 1), PacketBuilder(40).ipv4(50, 1),
        inner_ipv4().front({0x21, 0, 0, 0, 0x40, 0, 0, 0}).ipv4(103),
        PacketBuilder(4).front({0x20, 0}).ipv4(103), PacketBuilder(40).front({0x23, 0}).ipv4(103)}) {
    const DecodedPacket decoded = decode(packet, LinkType::kRaw);
    EXPECT_EQ(decoded.status, kOk);
    EXPECT_EQ(decoded.inner_status, kOk);
    EXPECT_EQ(decoded.ip_layer_count, 1);
    EXPECT_EQ(decoded.overlay, Overlay::kNone);
  }
}

DecodedPacket decode_to(const PacketBuilder& packet, const DecoderConfig& config) {
  DecodedPacket decoded;
  Decoder(config).decode(view_of(packet.bytes(), LinkType::kRaw), decoded);
  return decoded;
}

PacketBuilder nested(std::size_t ip_layers) {
  PacketBuilder packet = inner_ipv4();
  for (std::size_t layers = 1; layers < ip_layers; ++layers) packet.ipv4(kIpv4InIp);
  return packet;
}

TEST(Depth, OfIpLayersIsFollowedAsConfigured) {
  for (std::size_t limit = 1; limit <= DecodedPacket::kMaxIpLayers; ++limit) {
    const DecoderConfig config{.max_ip_layers = static_cast<std::uint8_t>(limit)};
    const DecodedPacket whole = decode_to(nested(limit), config);
    EXPECT_EQ(whole.ip_layer_count, limit);
    EXPECT_EQ(whole.inner_status, kOk) << limit;
    EXPECT_TRUE(whole.flow_layer().has_ports);

    const DecodedPacket deeper = decode_to(nested(limit + 1), config);
    EXPECT_EQ(deeper.status, kOk) << limit;
    EXPECT_EQ(deeper.ip_layer_count, limit);
    EXPECT_EQ(deeper.inner_status, kTooDeep) << limit;
    EXPECT_EQ(deeper.flow_layer().protocol, kIpv4InIp);
  }
}

TEST(Depth, OfHeadersIsFollowedAsConfigured) {
  // IPv4, IPv4, TCP
  EXPECT_EQ(decode_to(nested(2), {.max_headers = 3}).inner_status, kOk);
  const DecodedPacket cut = decode_to(nested(2), {.max_headers = 2});
  EXPECT_EQ(cut.inner_status, kTooDeep);
  EXPECT_EQ(cut.ip_layer_count, 1);
  EXPECT_EQ(decode_to(nested(1), {.max_headers = 1}).status, kTooDeep) << "no tunnel to count for";
}

TEST(Depth, BeyondWhatAPacketHoldsIsWhatItHolds) {
  const DecodedPacket most = decode_to(nested(10), {.max_ip_layers = 255, .max_headers = 255});
  EXPECT_EQ(most.ip_layer_count, DecodedPacket::kMaxIpLayers);
  EXPECT_EQ(most.inner_status, kTooDeep);
  EXPECT_EQ(decode_to(nested(2), {.max_ip_layers = 0}).ip_layer_count, 1);
}

}  // namespace
}  // namespace wireglass
