// What stands in a record: direction, overlay, ICMP, segments, configuration.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "meter/testing/digests.hpp"

namespace wireglass {
namespace {

using testing::digest_of;
using testing::ipv4;
using testing::MeterUnderTest;
using testing::set_path;
namespace flags = testing::flags;

struct DirectionCase {
  std::string name;
  bool first_from_b;
  std::uint8_t first_flags;
  bool initiator_is_b;
  BiflowDirection direction;
};

class FlowMeterDirection : public ::testing::TestWithParam<DirectionCase> {};

TEST_P(FlowMeterDirection, IsDecidedByTheFirstPacket) {
  const DirectionCase& expected = GetParam();
  MeterUnderTest meter;
  meter.meter({.from_b = expected.first_from_b, .tcp_flags = expected.first_flags, .ip_bytes = 1'000});
  meter.meter({.from_b = !expected.first_from_b, .tcp_flags = flags::kAck, .ip_bytes = 50});
  meter.meter({.from_b = !expected.first_from_b, .tcp_flags = flags::kSyn, .ip_bytes = 50});
  meter.flush();
  ASSERT_EQ(meter.records().size(), 1U);
  const FlowRecord& record = meter.records()[0];
  const FlowKey key = testing::nth_key(0);
  EXPECT_EQ(record.biflow_direction, expected.direction);
  EXPECT_EQ(record.src_addr, expected.initiator_is_b ? key.addr_b : key.addr_a);
  EXPECT_EQ(record.dst_addr, expected.initiator_is_b ? key.addr_a : key.addr_b);
  EXPECT_EQ(record.src_port, expected.initiator_is_b ? key.port_b : key.port_a);
  EXPECT_EQ(record.dst_port, expected.initiator_is_b ? key.port_a : key.port_b);
  const bool first_is_forward = expected.first_from_b == expected.initiator_is_b;
  EXPECT_EQ(record.packets, first_is_forward ? 1U : 2U);
  EXPECT_EQ(record.bytes, first_is_forward ? 1'000U : 100U);
  EXPECT_EQ(record.rev_packets, first_is_forward ? 2U : 1U);
  EXPECT_EQ(record.rev_bytes, first_is_forward ? 100U : 1'000U);
}

INSTANTIATE_TEST_SUITE_P(
    Table, FlowMeterDirection,
    ::testing::Values(
        DirectionCase{"syn_from_a", false, flags::kSyn, false, BiflowDirection::kInitiator},
        DirectionCase{"syn_from_b", true, flags::kSyn, true, BiflowDirection::kInitiator},
        DirectionCase{"syn_ack_from_b", true, flags::kSynAck, false, BiflowDirection::kInitiator},
        DirectionCase{"syn_ack_from_a", false, flags::kSynAck, true, BiflowDirection::kInitiator},
        DirectionCase{"ack_from_a", false, flags::kAck, false, BiflowDirection::kArbitrary},
        DirectionCase{"ack_from_b", true, flags::kAck, true, BiflowDirection::kArbitrary}),
    [](const ::testing::TestParamInfo<DirectionCase>& entry) { return entry.param.name; });

PacketDigest in_gtp(bool from_b, std::uint32_t teid, std::uint32_t peer = 2) {
  static const FlowHash hash(42);
  PacketDigest digest = digest_of({.from_b = from_b});
  digest.key.overlay = Overlay::kGtpU;
  set_path(digest, {.outer_src = from_b ? peer : 1, .outer_dst = from_b ? 1 : peer});
  digest.teid = teid;
  hash_key(hash, digest);
  return digest;
}

TEST(FlowMeterRecord, BothDirectionsOfAGtpTunnelMakeOneFlow) {
  MeterUnderTest meter;
  meter.meter_digest(in_gtp(false, 0x1111));
  meter.meter_digest(in_gtp(true, 0x2222));
  meter.flush();
  ASSERT_EQ(meter.records().size(), 1U);
  const FlowRecord& record = meter.records()[0];
  EXPECT_EQ(record.teid, 0x1111U);
  EXPECT_EQ(record.rev_teid, 0x2222U);
  EXPECT_EQ(record.tenant_id, 0x1111U);
  EXPECT_EQ(record.rev_packets, 1U);
}

TEST(FlowMeterRecord, TheSameInnerFlowBetweenOtherGtpPeersIsAnother) {
  MeterUnderTest meter;
  meter.meter_digest(in_gtp(false, 0x1111, 2));
  meter.meter_digest(in_gtp(false, 0x1111, 3));
  EXPECT_EQ(meter.counters().flows_created.value(), 2U);
}

TEST(FlowMeterRecord, TellsMacsInTheInitiatorsDirection) {
  for (const bool from_responder : {false, true}) {
    MeterUnderTest meter;
    PacketDigest first =
        digest_of({.from_b = from_responder, .tcp_flags = from_responder ? flags::kSynAck : flags::kSyn});
    set_path(first, {.src_mac = from_responder ? 0xbbU : 0xaaU, .dst_mac = from_responder ? 0xaaU : 0xbbU});
    meter.meter_digest(first);
    meter.flush();
    EXPECT_EQ(meter.records()[0].src_mac, 0xaaU);
    EXPECT_EQ(meter.records()[0].dst_mac, 0xbbU);
    EXPECT_EQ(meter.records()[0].initiator_by, from_responder ? InitiatorBy::kSynAck : InitiatorBy::kSyn);
  }
}

TEST(FlowMeterRecord, DirectionOutlivesTheActiveTimeout) {
  MeterConfig config;
  config.active_timeouts = 5 * kSecondNs;
  MeterUnderTest meter(config);
  meter.meter({.at_ns = 0, .from_b = true, .tcp_flags = flags::kSyn});
  meter.meter({.at_ns = 6 * kSecondNs, .from_b = false});
  meter.flush();
  ASSERT_EQ(meter.records().size(), 2U);
  EXPECT_EQ(meter.records()[1].src_addr, testing::nth_key(0).addr_b);
  EXPECT_EQ(meter.records()[1].biflow_direction, BiflowDirection::kInitiator);
  EXPECT_EQ(meter.records()[1].packets, 0U);
  EXPECT_EQ(meter.records()[1].rev_packets, 1U);
}

PacketDigest tunnelled(TimeNs at_ns, bool from_b, std::uint8_t tcp_flags, std::uint32_t outer_src,
                       std::uint32_t outer_dst) {
  PacketDigest digest = digest_of({.at_ns = at_ns, .from_b = from_b, .tcp_flags = tcp_flags});
  digest.key.overlay = Overlay::kLisp;
  digest.key.tenant_id = 4'711;
  set_path(digest, {.outer_src = outer_src, .outer_dst = outer_dst});
  return digest;
}

TEST(FlowMeterRecord, OuterAddressesAreThoseOfTheFirstForwardPacket) {
  MeterUnderTest meter;
  meter.meter_digest(tunnelled(0, false, flags::kSyn, 1, 2));
  meter.meter_digest(tunnelled(1, true, flags::kSynAck, 3, 4));
  meter.meter_digest(tunnelled(2, false, flags::kAck, 5, 6));
  meter.flush();
  ASSERT_EQ(meter.records().size(), 1U);
  EXPECT_EQ(meter.records()[0].outer_src_addr, ipv4(1));
  EXPECT_EQ(meter.records()[0].outer_dst_addr, ipv4(2));
  EXPECT_EQ(meter.records()[0].tenant_id, 4'711U);
  EXPECT_EQ(meter.records()[0].overlay, Overlay::kLisp);
}

TEST(FlowMeterRecord, OuterAddressesOfAReversePacketAreTurnedRoundUntilAForwardOneComes) {
  MeterUnderTest meter;
  meter.meter_digest(tunnelled(0, true, flags::kSynAck, 3, 4));
  std::vector<FlowRecord> live;
  meter.flow_meter().snapshot(0, 10, [&](const FlowRecord& record) { live.push_back(record); });
  meter.meter_digest(tunnelled(1, false, flags::kAck, 5, 6));
  meter.flush();
  ASSERT_EQ(live.size(), 1U);
  EXPECT_EQ(live[0].outer_src_addr, ipv4(4));
  EXPECT_EQ(live[0].outer_dst_addr, ipv4(3));
  ASSERT_EQ(meter.records().size(), 1U);
  EXPECT_EQ(meter.records()[0].outer_src_addr, ipv4(5));
  EXPECT_EQ(meter.records()[0].outer_dst_addr, ipv4(6));
}

TEST(FlowMeterRecord, AMovedTunnelShowsInTheNextRecord) {
  MeterConfig config;
  config.active_timeouts = 5 * kSecondNs;
  MeterUnderTest meter(config);
  meter.meter_digest(tunnelled(0, false, flags::kAck, 1, 2));
  meter.meter_digest(tunnelled(6 * kSecondNs, true, flags::kAck, 2, 9));
  meter.meter_digest(tunnelled(7 * kSecondNs, false, flags::kAck, 9, 2));
  meter.flush();
  ASSERT_EQ(meter.records().size(), 2U);
  EXPECT_EQ(meter.records()[0].outer_src_addr, ipv4(1));
  EXPECT_EQ(meter.records()[1].outer_src_addr, ipv4(9));
}

TEST(FlowMeterRecord, TenantsWithTheSameInnerFlowStayApart) {
  MeterUnderTest meter;
  PacketDigest digest = tunnelled(0, false, flags::kAck, 1, 2);
  const std::uint64_t first = meter.meter_digest(digest);
  digest.key.tenant_id += 1;
  EXPECT_NE(meter.meter_digest(digest), first) << "same hash, another key";
  digest.key.tenant_id -= 1;
  EXPECT_EQ(meter.meter_digest(digest), first);
}

TEST(FlowMeterRecord, AnEntryUsedAgainKeepsNothingOfTheFlowBefore) {
  MeterUnderTest meter;
  PacketDigest digest = tunnelled(0, false, flags::kSyn, 1, 2);
  digest.segment = 8;
  digest.interface_id = 3;
  meter.meter_digest(digest);
  meter.advance_to(100 * kSecondNs);
  meter.take_records();
  meter.meter({.at_ns = 100 * kSecondNs, .flow = 5, .tcp_flags = 0});
  meter.flush();
  ASSERT_EQ(meter.records().size(), 1U);
  const FlowRecord& record = meter.records()[0];
  EXPECT_EQ(record.outer_src_addr, IpAddress{});
  EXPECT_EQ(record.outer_dst_addr, IpAddress{});
  EXPECT_EQ(record.first_segment, 0U);
  EXPECT_EQ(record.last_segment, 0U);
  EXPECT_EQ(record.ingress_interface, 0U);
  EXPECT_EQ(record.tcp_flags, 0U);
  EXPECT_EQ(record.biflow_direction, BiflowDirection::kArbitrary);
}

TEST(FlowMeterRecord, IcmpTypeAndCodeAreThoseOfTheFirstPacket) {
  for (const std::uint8_t protocol : {ip_protocol::kIcmp, ip_protocol::kIcmpv6, ip_protocol::kUdp}) {
    MeterUnderTest meter;
    PacketDigest digest = digest_of({.tcp_flags = 0});
    digest.key = testing::nth_key(0, protocol);
    digest.key.port_a = digest.key.port_b = 0;
    digest.icmp_type_code = 0x0800;
    meter.meter_digest(digest);
    digest.icmp_type_code = 0x0000;
    digest.from_b = true;
    meter.meter_digest(digest);
    meter.flush();
    ASSERT_EQ(meter.records().size(), 1U);
    EXPECT_EQ(meter.records()[0].icmp_type_code, protocol == ip_protocol::kUdp ? 0U : 0x0800U);
    EXPECT_EQ(meter.records()[0].packets, 1U);
    EXPECT_EQ(meter.records()[0].rev_packets, 1U);
  }
}

TEST(FlowMeterRecord, NamesTheSegmentsOfItsOwnPackets) {
  MeterConfig config;
  config.active_timeouts = 5 * kSecondNs;
  config.recording = Recording::kFull;
  MeterUnderTest meter(config);
  meter.meter({.at_ns = 0, .segment = 0});
  meter.meter({.at_ns = 1, .segment = 7});
  meter.meter({.at_ns = 2, .segment = 9});
  meter.meter({.at_ns = 3, .segment = 0});
  meter.meter({.at_ns = 6 * kSecondNs, .segment = 0});
  meter.meter({.at_ns = 12 * kSecondNs, .segment = 11});
  meter.flush();
  ASSERT_EQ(meter.records().size(), 3U);
  EXPECT_EQ(meter.records()[0].first_segment, 7U);
  EXPECT_EQ(meter.records()[0].last_segment, 9U);
  EXPECT_EQ(meter.records()[1].first_segment, 0U);
  EXPECT_EQ(meter.records()[1].last_segment, 0U);
  EXPECT_EQ(meter.records()[2].first_segment, 11U);
  EXPECT_EQ(meter.records()[2].last_segment, 11U);
  EXPECT_EQ(meter.records()[2].recording, Recording::kFull);
}

TEST(FlowMeterRecord, CarriesWhatTheConfigurationGives) {
  MeterConfig config;
  config.observation_domain = 77;
  config.first_flow_id = 1'003;
  config.flow_id_stride = 4;
  MeterUnderTest meter(config);
  EXPECT_EQ(meter.meter({.flow = 1}), 1'003U);
  EXPECT_EQ(meter.meter({.flow = 2}), 1'007U);
  EXPECT_EQ(meter.meter({.flow = 1}), 1'003U);
  PacketDigest digest = digest_of({.flow = 3});
  digest.interface_id = 6;
  digest.key.vlan_id = 100;
  digest.key.customer_vlan_id = 200;
  EXPECT_EQ(meter.meter_digest(digest), 1'011U);
  meter.flush();
  ASSERT_EQ(meter.records().size(), 3U);
  EXPECT_EQ(meter.records()[2].observation_domain, 77U);
  EXPECT_EQ(meter.records()[2].ingress_interface, 6U);
  EXPECT_EQ(meter.records()[2].interface, "");  // nobody has told its name
  EXPECT_EQ(meter.records()[2].vlan_id, 100U);
  EXPECT_EQ(meter.records()[2].customer_vlan_id, 200U);
}

}  // namespace
}  // namespace wireglass
