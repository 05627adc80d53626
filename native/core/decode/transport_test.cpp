#include <gtest/gtest.h>

#include "decode/testing/decode_helpers.hpp"

namespace wireglass {
namespace {

using testing::decode;
using testing::decode_cut;
using testing::PacketBuilder;

TEST(Tcp, FlagsAreReadWhereTheyWereCaptured) {
  const PacketBuilder packet = PacketBuilder(5).tcp(443, 50000, 0x12).ipv4(6);
  EXPECT_EQ(decode(packet, LinkType::kRaw).tcp_flags, 0x12);
  EXPECT_EQ(decode_cut(packet, 34, LinkType::kRaw).tcp_flags, 0x12);
  const DecodedPacket without = decode_cut(packet, 33, LinkType::kRaw);
  EXPECT_EQ(without.status, DecodeStatus::kOk) << "the key is whole with the ports";
  EXPECT_EQ(without.tcp_flags, 0);
  EXPECT_EQ(without.flow_layer().dst_port, 50000);
}

TEST(Tcp, BadDataOffsetIsMetered) {
  PacketBuilder packet = PacketBuilder(5).tcp(443, 50000, 0x10).ipv4(6).set8(32, 0x10);
  EXPECT_EQ(decode(packet, LinkType::kRaw).status, DecodeStatus::kOk);
}

TEST(Udp, LengthFieldDoesNotDecideWhetherItIsMetered) {
  for (const unsigned length : {0U, 7U, 8U, 60000U}) {
    PacketBuilder packet = PacketBuilder(40).udp(53, 50000).set16(4, length).ipv4(17);
    const DecodedPacket decoded = decode(packet, LinkType::kRaw);
    EXPECT_EQ(decoded.status, DecodeStatus::kOk) << length;
    EXPECT_EQ(decoded.flow_layer().src_port, 53) << length;
  }
}

TEST(Icmp, TypeAndCodeAreReadAndQuotedPacketsAreNoLayers) {
  const PacketBuilder quoted = PacketBuilder().udp(1, 2).ipv4(17);
  PacketBuilder error = quoted;
  error.front({3, 1, 0, 0, 0, 0, 0, 0}).ipv4(1);
  const DecodedPacket decoded = decode(error, LinkType::kRaw);
  EXPECT_EQ(decoded.status, DecodeStatus::kOk);
  EXPECT_EQ(decoded.icmp_type_code, 0x0301);
  EXPECT_EQ(decoded.ip_layer_count, 1);
  EXPECT_FALSE(decoded.flow_layer().has_ports);
}

TEST(Icmp, VersionSixHasItsOwnHeader) {
  const DecodedPacket decoded =
      decode(PacketBuilder().front({128, 0, 0, 0, 0, 7, 0, 1}).ipv6(58), LinkType::kRaw);
  EXPECT_EQ(decoded.icmp_type_code, 0x8000);
  EXPECT_EQ(decoded.headers[decoded.header_count - 1].protocol, ProtocolId::kIcmpv6);
}

TEST(Icmp, WithoutItsHeaderIsMeteredWithoutTypeAndCode) {
  for (const unsigned protocol : {1U, 58U}) {
    const DecodedPacket decoded = decode(PacketBuilder(1).ipv4(protocol), LinkType::kRaw);
    EXPECT_EQ(decoded.status, DecodeStatus::kOk);
    EXPECT_EQ(decoded.icmp_type_code, 0);
  }
}

}  // namespace
}  // namespace wireglass
