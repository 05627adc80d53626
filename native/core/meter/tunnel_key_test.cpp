// Which flow a packet in a tunnel belongs to: from its bytes through decoder, digest and meter.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "decode/decoder.hpp"
#include "meter/packet_digest.hpp"
#include "meter/testing/digests.hpp"
#include "meter/testing/packets.hpp"

namespace wireglass {
namespace {

using namespace testing;

constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kGre = 47;
constexpr std::uint8_t kL2tp = 115;
constexpr std::uint8_t kMpls = 137;

PacketBytes u32(std::uint32_t value) { return u16(value >> 16) + u16(value & 0xffff); }

/// One packet of a conversation between 10.1.0.1 and 10.1.0.2.
PacketBytes inner(bool forward) {
  return forward ? ipv4_packet({10, 1, 0, 1}, {10, 1, 0, 2}, kTcp, tcp_header(7'000, 80, 0x02))
                 : ipv4_packet({10, 1, 0, 2}, {10, 1, 0, 1}, kTcp, tcp_header(80, 7'000, 0x12));
}

PacketBytes inner_frame(bool forward, std::uint8_t station = 2) {
  const PacketBytes addresses = forward ? bytes_of({2, 0, 0, 0, 0, station, 2, 0, 0, 0, 0, 1})
                                        : bytes_of({2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, station});
  return addresses + u16(0x0800) + inner(forward);
}

PacketBytes between_peers(bool forward, std::uint8_t protocol, const PacketBytes& payload,
                          unsigned peer = 2) {
  return forward ? ipv4_packet({203, 0, 113, 1}, {203, 0, 113, peer}, protocol, payload)
                 : ipv4_packet({203, 0, 113, peer}, {203, 0, 113, 1}, protocol, payload);
}

PacketBytes mpls_label(std::uint32_t label) { return u32(label << 12 | 0x1ff); }

PacketBytes ppp(bool forward) { return bytes_of({0xff, 3, 0, 0x21}) + inner(forward); }

PacketBytes in_pptp(bool forward, std::uint32_t call, unsigned peer = 2) {
  const PacketBytes carried = ppp(forward);
  const auto length = static_cast<std::uint32_t>(carried.size());
  return between_peers(forward, kGre, u32(0x3001880b) + u32(length << 16 | call) + u32(1) + carried, peer);
}

PacketBytes in_l2tp(bool forward, std::uint32_t identifier, unsigned peer = 2) {
  return between_peers(forward, kUdp, udp_header(1'701, 1'701, u16(2) + u32(identifier) + ppp(forward)),
                       peer);
}

PacketBytes in_l2tp_v3(bool forward, std::uint32_t session, unsigned peer = 2) {
  return between_peers(forward, kL2tp, u32(session) + inner_frame(forward), peer);
}

PacketBytes in_mpls_over_ip(bool forward, std::uint32_t label, unsigned peer = 2) {
  return between_peers(forward, kMpls, mpls_label(label) + inner(forward), peer);
}

PacketBytes in_mpls_over_udp(bool forward, std::uint32_t label, unsigned peer = 2) {
  return between_peers(forward, kUdp, udp_header(50'000, 6'635, mpls_label(label) + inner(forward)), peer);
}

PacketBytes in_mpls_over_gre(bool forward, std::uint32_t label, unsigned peer = 2) {
  return between_peers(forward, kGre, u32(0x00008847) + mpls_label(label) + inner_frame(forward), peer);
}

struct TunnelWithTwoIdentifiers {
  std::string name;
  PacketBytes (*make)(bool forward, std::uint32_t identifier, unsigned peer);
};

class IdentifierPerDirection : public ::testing::TestWithParam<TunnelWithTwoIdentifiers> {};

void meter_packet(MeterUnderTest& meter, const PacketBytes& bytes, LinkType link_type = LinkType::kRaw) {
  static const FlowHash hash(42);
  PacketView packet;
  packet.data = bytes.data();
  packet.captured_length = packet.original_length = static_cast<std::uint32_t>(bytes.size());
  packet.link_type = link_type;
  DecodedPacket decoded;
  Decoder().decode(packet, decoded);
  ASSERT_EQ(decoded.status, DecodeStatus::kOk);
  ASSERT_NE(decoded.overlay, Overlay::kNone);
  PacketDigest digest;
  make_digest(packet, decoded, 0, digest);
  hash_key(hash, digest);
  meter.meter_digest(digest);
}

TEST_P(IdentifierPerDirection, BothDirectionsMakeOneFlowThatTellsBoth) {
  MeterUnderTest meter;
  meter_packet(meter, GetParam().make(true, 0x1111, 2));
  meter_packet(meter, GetParam().make(false, 0x2222, 2));
  meter.flush();
  ASSERT_EQ(meter.records().size(), 1U);
  const FlowRecord& record = meter.records()[0];
  EXPECT_EQ(record.packets, 1U);
  EXPECT_EQ(record.rev_packets, 1U);
  EXPECT_EQ(record.src_port, 7'000);
  EXPECT_EQ(record.tenant_id, 0x1111U);
  EXPECT_EQ(record.teid, 0x1111U);
  EXPECT_EQ(record.rev_teid, 0x2222U);
}

TEST_P(IdentifierPerDirection, TheSameConversationBetweenOtherPeersIsAnotherFlow) {
  MeterUnderTest meter;
  meter_packet(meter, GetParam().make(true, 0x1111, 2));
  meter_packet(meter, GetParam().make(true, 0x1111, 3));
  EXPECT_EQ(meter.counters().flows_created.value(), 2U);
}

INSTANTIATE_TEST_SUITE_P(Table, IdentifierPerDirection,
                         ::testing::Values(TunnelWithTwoIdentifiers{"pptp", in_pptp},
                                           TunnelWithTwoIdentifiers{"l2tp", in_l2tp},
                                           TunnelWithTwoIdentifiers{"l2tp_version_3", in_l2tp_v3},
                                           TunnelWithTwoIdentifiers{"mpls_over_ip", in_mpls_over_ip},
                                           TunnelWithTwoIdentifiers{"mpls_over_udp", in_mpls_over_udp},
                                           TunnelWithTwoIdentifiers{"mpls_over_gre", in_mpls_over_gre}),
                         [](const auto& entry) { return entry.param.name; });

PacketBytes in_pseudowire(bool forward, std::uint32_t label, std::uint8_t station = 2) {
  return bytes_of({2, 0, 0, 0, 9, 1, 2, 0, 0, 0, 9, 2}) + u16(0x8847) + mpls_label(label) + u32(0) +
         inner_frame(forward, station);
}

TEST(PseudowireKey, BothDirectionsMakeOneFlowAndOtherStationsAnother) {
  MeterUnderTest meter;
  meter_packet(meter, in_pseudowire(true, 300), LinkType::kEthernet);
  meter_packet(meter, in_pseudowire(false, 400), LinkType::kEthernet);
  meter_packet(meter, in_pseudowire(true, 300, 3), LinkType::kEthernet);
  meter.flush();
  ASSERT_EQ(meter.records().size(), 2U);
  EXPECT_EQ(meter.records()[0].teid, 300U);
  EXPECT_EQ(meter.records()[0].rev_teid, 400U);
  EXPECT_EQ(meter.records()[0].rev_packets, 1U);
}

PacketBytes tagged_frame(const std::vector<std::uint16_t>& vlan_ids, bool forward) {
  return ethernet_frame(vlan_ids, inner(forward));
}

PacketBytes in_vxlan(const PacketBytes& frame) {
  return between_peers(true, kUdp, udp_header(50'000, 4'789, u32(0x08000000) + u32(5 << 8) + frame));
}

PacketBytes in_geneve(const PacketBytes& frame) {
  return between_peers(true, kUdp, udp_header(50'000, 6'081, u32(0x00006558) + u32(5 << 8) + frame));
}

PacketBytes in_nvgre(const PacketBytes& frame) {
  return between_peers(true, kGre, u32(0x20006558) + u32(5 << 8) + frame);
}

PacketBytes in_mpls_pseudowire(const PacketBytes& frame) {
  return between_peers(true, kMpls, mpls_label(300) + u32(0) + frame);
}

struct TunnelOfFrames {
  std::string name;
  PacketBytes (*make)(const PacketBytes& frame);
};

class InnerVlan : public ::testing::TestWithParam<TunnelOfFrames> {};

TEST_P(InnerVlan, IsInTheKeyAndToldByTheRecord) {
  MeterUnderTest meter;
  const std::vector<std::vector<std::uint16_t>> tags = {{}, {7}, {8}, {8, 7}, {8, 9}};
  for (const std::vector<std::uint16_t>& vlan_ids : tags) {
    meter_packet(meter, GetParam().make(tagged_frame(vlan_ids, true)));
    meter_packet(meter, GetParam().make(tagged_frame(vlan_ids, false)));
  }
  meter.flush();
  ASSERT_EQ(meter.records().size(), tags.size());
  for (std::size_t i = 0; i < tags.size(); ++i) {
    const FlowRecord& record = meter.records()[i];
    EXPECT_EQ(record.inner_vlan_id, !tags[i].empty() ? tags[i][0] : 0) << i;
    EXPECT_EQ(record.inner_customer_vlan_id, tags[i].size() > 1 ? tags[i][1] : 0) << i;
    EXPECT_EQ(record.vlan_id, 0) << i;
    EXPECT_EQ(record.rev_packets, 1U) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Table, InnerVlan,
                         ::testing::Values(TunnelOfFrames{"vxlan", in_vxlan},
                                           TunnelOfFrames{"geneve", in_geneve},
                                           TunnelOfFrames{"nvgre", in_nvgre},
                                           TunnelOfFrames{"mpls_pseudowire", in_mpls_pseudowire}),
                         [](const auto& entry) { return entry.param.name; });

TEST(InnerVlanKey, OfALayer2ServiceIsApartFromThoseOfTheLink) {
  MeterUnderTest meter;
  const PacketBytes link = bytes_of({2, 0, 0, 0, 9, 1, 2, 0, 0, 0, 9, 2}) + u16(0x8100) + u16(100);
  meter_packet(meter, link + u16(0x8847) + mpls_label(300) + u32(0) + tagged_frame({7, 8}, true),
               LinkType::kEthernet);
  meter.flush();
  ASSERT_EQ(meter.records().size(), 1U);
  EXPECT_EQ(meter.records()[0].vlan_id, 100U);
  EXPECT_EQ(meter.records()[0].customer_vlan_id, 0U);
  EXPECT_EQ(meter.records()[0].inner_vlan_id, 7U);
  EXPECT_EQ(meter.records()[0].inner_customer_vlan_id, 8U);
}

TEST(InnerVlanKey, IsThatOfTheInnermostTunnel) {
  MeterUnderTest meter;
  const PacketBytes outer = in_vxlan(ethernet_frame({7}, in_geneve(tagged_frame({}, true))));
  meter_packet(meter, outer);
  meter_packet(meter, in_vxlan(ethernet_frame({7}, in_geneve(tagged_frame({9}, true)))));
  meter.flush();
  ASSERT_EQ(meter.records().size(), 2U);
  EXPECT_EQ(meter.records()[0].inner_vlan_id, 0U);
  EXPECT_EQ(meter.records()[1].inner_vlan_id, 9U);
}

}  // namespace
}  // namespace wireglass
