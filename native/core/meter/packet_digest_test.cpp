#include "meter/packet_digest.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "decode/decoder.hpp"
#include "meter/ip_protocol.hpp"
#include "meter/testing/packets.hpp"

namespace wireglass {
namespace {

using testing::ipv4_packet;
using testing::ipv6_packet;
using testing::PacketBytes;

struct Digested {
  DecodeStatus status = DecodeStatus::kOk;
  PacketDigest digest;
};

Digested digest_of(const PacketBytes& bytes, LinkType link_type = LinkType::kRaw, std::uint64_t segment = 0) {
  PacketView packet;
  packet.data = bytes.data();
  packet.captured_length = packet.original_length = static_cast<std::uint32_t>(bytes.size());
  packet.timestamp_ns = 123'456'789;
  packet.interface_id = 5;
  packet.link_type = link_type;
  DecodedPacket decoded;
  Decoder().decode(packet, decoded);
  Digested result;
  result.status = decoded.status;
  if (decoded.status == DecodeStatus::kOk) make_digest(packet, decoded, segment, result.digest);
  return result;
}

TEST(PacketDigest, BothDirectionsHaveOneKey) {
  const PacketBytes request =
      ipv4_packet({10, 0, 0, 1}, {192, 168, 0, 9}, 6, testing::tcp_header(50'000, 443, 0x02));
  const PacketBytes answer =
      ipv4_packet({192, 168, 0, 9}, {10, 0, 0, 1}, 6, testing::tcp_header(443, 50'000, 0x12));
  const Digested forward = digest_of(request);
  const Digested reverse = digest_of(answer);
  ASSERT_EQ(forward.status, DecodeStatus::kOk);
  ASSERT_EQ(reverse.status, DecodeStatus::kOk);
  EXPECT_EQ(forward.digest.key, reverse.digest.key);
  EXPECT_FALSE(forward.digest.from_b);
  EXPECT_TRUE(reverse.digest.from_b);
  EXPECT_EQ(forward.digest.key.addr_a.to_string(), "10.0.0.1");
  EXPECT_EQ(forward.digest.key.addr_b.to_string(), "192.168.0.9");
  EXPECT_EQ(forward.digest.key.port_a, 50'000);
  EXPECT_EQ(forward.digest.key.port_b, 443);
  EXPECT_EQ(forward.digest.tcp_flags, 0x02);
  EXPECT_EQ(reverse.digest.tcp_flags, 0x12);
}

TEST(PacketDigest, EqualAddressesAreOrderedByPort) {
  const Digested low =
      digest_of(ipv4_packet({10, 0, 0, 1}, {10, 0, 0, 1}, 17, testing::udp_header(53, 9'999)));
  const Digested high =
      digest_of(ipv4_packet({10, 0, 0, 1}, {10, 0, 0, 1}, 17, testing::udp_header(9'999, 53)));
  EXPECT_EQ(low.digest.key, high.digest.key);
  EXPECT_FALSE(low.digest.from_b);
  EXPECT_TRUE(high.digest.from_b);
  EXPECT_EQ(low.digest.key.port_a, 53);
}

TEST(PacketDigest, ReadsIpv6AddressesInOrder) {
  const Digested digested =
      digest_of(ipv6_packet("2001:db8::2", "2001:db8::1", 17, testing::udp_header(4'000, 5'000)));
  ASSERT_EQ(digested.status, DecodeStatus::kOk);
  EXPECT_EQ(digested.digest.key.addr_a.to_string(), "2001:db8::1");
  EXPECT_EQ(digested.digest.key.addr_b.to_string(), "2001:db8::2");
  EXPECT_EQ(digested.digest.key.port_a, 5'000);
  EXPECT_TRUE(digested.digest.from_b);
  EXPECT_EQ(digested.digest.key.protocol, ip_protocol::kUdp);
}

TEST(PacketDigest, CarriesWhatThePacketViewTells) {
  const PacketBytes bytes = ipv4_packet({10, 0, 0, 1}, {10, 0, 0, 2}, 17, testing::udp_header(1, 2));
  const Digested digested = digest_of(bytes, LinkType::kRaw, 31);
  EXPECT_EQ(digested.digest.timestamp_ns, 123'456'789);
  EXPECT_EQ(digested.digest.interface_id, 5U);
  EXPECT_EQ(digested.digest.segment, 31U);
  EXPECT_EQ(digested.digest.ip_bytes, bytes.size());
  EXPECT_EQ(digested.digest.tcp_flags, 0U);
  EXPECT_EQ(digested.digest.key.overlay, Overlay::kNone);
}

TEST(PacketDigest, IcmpHasNoPortsButTypeAndCode) {
  const Digested digested =
      digest_of(ipv4_packet({10, 0, 0, 1}, {10, 0, 0, 2}, 1, testing::bytes_of({3, 1, 0, 0, 0, 0, 0, 0})));
  ASSERT_EQ(digested.status, DecodeStatus::kOk);
  EXPECT_EQ(digested.digest.key.port_a, 0U);
  EXPECT_EQ(digested.digest.key.port_b, 0U);
  EXPECT_EQ(digested.digest.icmp_type_code, 3 * 256 + 1);
}

TEST(PacketDigest, LaterFragmentsHaveNoPorts) {
  PacketBytes bytes = ipv4_packet({10, 0, 0, 1}, {10, 0, 0, 2}, 17, testing::udp_header(1'111, 2'222));
  bytes[7] = std::byte{8};  // fragment offset 64
  const Digested digested = digest_of(bytes);
  ASSERT_EQ(digested.status, DecodeStatus::kOk);
  EXPECT_EQ(digested.digest.key.port_a, 0U);
  EXPECT_EQ(digested.digest.key.port_b, 0U);
  EXPECT_EQ(digested.digest.key.protocol, ip_protocol::kUdp);
}

TEST(PacketDigest, VlansAreKeyParts) {
  const PacketBytes ip = ipv4_packet({10, 0, 0, 1}, {10, 0, 0, 2}, 17, testing::udp_header(1, 2));
  const PacketBytes none = testing::ethernet_frame({}, ip);
  const PacketBytes one = testing::ethernet_frame({100}, ip);
  const PacketBytes two = testing::ethernet_frame({100, 200}, ip);
  EXPECT_EQ(digest_of(none, LinkType::kEthernet).digest.key.vlan_id, 0U);
  EXPECT_EQ(digest_of(one, LinkType::kEthernet).digest.key.vlan_id, 100U);
  EXPECT_EQ(digest_of(one, LinkType::kEthernet).digest.key.customer_vlan_id, 0U);
  EXPECT_EQ(digest_of(two, LinkType::kEthernet).digest.key.vlan_id, 100U);
  EXPECT_EQ(digest_of(two, LinkType::kEthernet).digest.key.customer_vlan_id, 200U);
}

TEST(PacketDigest, ATunnelledPacketIsKeyedByItsInnerHeader) {
  const PacketBytes inner =
      ipv4_packet({10, 1, 0, 2}, {10, 1, 0, 1}, 6, testing::tcp_header(80, 7'000, 0x10));
  const PacketBytes outer =
      ipv4_packet({203, 0, 113, 1}, {203, 0, 113, 2}, 17, testing::lisp_data(0x00'1234, inner));
  const Digested digested = digest_of(outer);
  ASSERT_EQ(digested.status, DecodeStatus::kOk);
  EXPECT_EQ(digested.digest.key.overlay, Overlay::kLisp);
  EXPECT_EQ(digested.digest.key.tenant_id, 0x1234U);
  EXPECT_EQ(digested.digest.key.addr_a.to_string(), "10.1.0.1");
  EXPECT_EQ(digested.digest.key.port_a, 7'000);
  EXPECT_TRUE(digested.digest.from_b);
  EXPECT_EQ(digested.digest.ip_bytes, inner.size());
  EXPECT_EQ(outer_addresses_of(digested.digest).src.to_string(), "203.0.113.1");
  EXPECT_EQ(outer_addresses_of(digested.digest).dst.to_string(), "203.0.113.2");
}

TEST(PacketDigest, UsedAgainItKeepsNothingOfThePacketBefore) {
  const PacketBytes tunnelled = ipv4_packet(
      {203, 0, 113, 1}, {203, 0, 113, 2}, 17,
      testing::lisp_data(7, ipv4_packet({10, 1, 0, 2}, {10, 1, 0, 1}, 6, testing::tcp_header(1, 2, 0x17))));
  const PacketBytes plain = ipv4_packet({10, 0, 0, 1}, {10, 0, 0, 2}, 17, testing::udp_header(1, 2));
  PacketView packet;
  packet.link_type = LinkType::kRaw;
  DecodedPacket decoded;
  PacketDigest reused;
  for (const PacketBytes* bytes : {&tunnelled, &plain}) {
    packet.data = bytes->data();
    packet.captured_length = packet.original_length = static_cast<std::uint32_t>(bytes->size());
    Decoder().decode(packet, decoded);
    make_digest(packet, decoded, 0, reused);
  }
  const PacketDigest fresh = digest_of(plain).digest;
  EXPECT_EQ(reused.key, fresh.key);
  EXPECT_EQ(reused.tcp_flags, fresh.tcp_flags);
  EXPECT_EQ(reused.from_b, fresh.from_b);
  EXPECT_EQ(reused.ip_bytes, fresh.ip_bytes);
}

}  // namespace
}  // namespace wireglass
