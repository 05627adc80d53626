#include "decode/sctp_in_udp.hpp"

#include "decode/testing/tunnel_cases.hpp"

namespace wireglass {
namespace {

using namespace testing;

constexpr unsigned kPort = 9899;
constexpr std::uint8_t kSctp = 132;

/// Ports 1000 and 2000, a tag, a checksum, a heartbeat of 8 octets.
PacketBuilder sctp(unsigned chunk_type = 4, unsigned chunk_length = 8) {
  return PacketBuilder(4)
      .front({chunk_type, 0, chunk_length >> 8, chunk_length & 255})
      .front({1000 >> 8, 1000 & 255, 2000 >> 8, 2000 & 255, 1, 2, 3, 4, 5, 6, 7, 8});
}

TEST(SctpInUdp, IsAFlowOfTheAssociation) {
  for (const unsigned chunk_type : {0U, 1U, 4U, 15U, 64U, 130U, 192U}) {
    const DecodedPacket decoded = decode(over_udp(sctp(chunk_type), kPort), LinkType::kRaw);
    ASSERT_EQ(decoded.status, DecodeStatus::kOk);
    ASSERT_EQ(decoded.ip_layer_count, 2);
    EXPECT_EQ(decoded.overlay, Overlay::kSctpInUdp);
    EXPECT_EQ(decoded.overlay_ip_layer, 0);
    EXPECT_EQ(decoded.flow_layer().protocol, kSctp);
    EXPECT_EQ(decoded.flow_layer().src_port, 1000);
    EXPECT_EQ(decoded.flow_layer().dst_port, 2000);
    EXPECT_EQ(decoded.flow_layer().ip_bytes, decoded.ip_layers[0].ip_bytes);
    EXPECT_EQ(decoded.ip_layers[0].dst_port, kPort);
    EXPECT_EQ(decoded.payload_bytes, 0U);
  }
}

TEST(SctpInUdp, AnythingElseStaysAFlowOfUdp) {
  expect_outer_flows(
      {
          {"15 octets", PacketBuilder(15)},
          {"zeros", PacketBuilder(40)},
          {"port 0", sctp().set16(0, 0)},
          {"unknown chunk", sctp(16)},
          {"chunk of 3 octets", sctp(4, 3)},
          {"chunk longer than the datagram", sctp(4, 9)},
      },
      kPort);
}

TEST(SctpInUdp, CountsForTheDatagramWhereNoTunnelIsFollowed) {
  DecoderConfig config;
  config.max_ip_layers = 1;
  const PacketBuilder packet = over_udp(sctp(), kPort);
  DecodedPacket decoded;
  Decoder(config).decode(view_of(packet.bytes(), LinkType::kRaw), decoded);
  expect_outer_flow(decoded);
  EXPECT_EQ(decoded.inner_status, DecodeStatus::kTooDeep);
}

TEST(SctpInUdp, FailsSoftWhereTheSnaplenCuts) {
  const PacketBuilder packet = over_udp(sctp(), kPort);
  for (std::size_t captured = 28; captured < packet.size(); ++captured) {
    const DecodedPacket decoded = decode_cut(packet, captured, LinkType::kRaw);
    EXPECT_EQ(decoded.status, DecodeStatus::kOk) << captured;
    EXPECT_EQ(decoded.ip_layer_count, captured < 28 + 16 ? 1 : 2) << captured;
  }
}

}  // namespace
}  // namespace wireglass
