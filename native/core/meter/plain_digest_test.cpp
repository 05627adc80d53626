// The shortest way to a digest against the long one, its plain twin.
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "decode/decoder.hpp"
#include "decode/testing/decode_helpers.hpp"
#include "meter/plain_digest.hpp"

namespace wireglass {
namespace {

using testing::PacketBuilder;

const FlowHash& test_hash() {
  static const FlowHash hash(7);
  return hash;
}

const std::vector<PacketBuilder>& plain_packets() {
  static const std::vector<PacketBuilder> packets = {
      PacketBuilder(40).tcp(1'024, 443, 0x18).ipv4(6).ethernet(0x0800),
      PacketBuilder(40).tcp(443, 1'024, 0x18).ipv4(6).ethernet(0x0800),
      PacketBuilder(40).udp(1'024, 53).ipv4(17).ethernet(0x0800),
      PacketBuilder(40).tcp(1'024, 443, 0x18).ipv6(6).ethernet(0x86dd),
      PacketBuilder(40).udp(1'024, 53).ipv6(17).ethernet(0x86dd),
      PacketBuilder(40).tcp(1'024, 443, 0x02).ipv4(6).vlan(7, 0x0800).ethernet(0x8100),
      PacketBuilder(40).udp(1'024, 53).ipv6(17).vlan(7, 0x86dd).ethernet(0x8100),
      PacketBuilder(0).tcp(1'024, 443, 0x10).ipv4(6).ethernet(0x0800).trailer(6),
      PacketBuilder(30).udp(1'024, 53).ipv4(17).ethernet(0x0800).trailer(6),
  };
  return packets;
}

/// Null where the packet makes no flow.
bool long_way(const PacketView& packet, PacketDigest& digest) {
  DecodedPacket decoded;
  Decoder().decode(packet, decoded);
  if (decoded.status != DecodeStatus::kOk) return false;
  make_digest(packet, decoded, 3, digest);
  hash_key(test_hash(), digest);
  return true;
}

bool shortest_way(const PacketView& packet, PacketDigest& digest) {
  bool is_plain = false;
  make_plain_digests({&packet, 1}, Decoder().udp_ports(), test_hash(), 3, {&digest, 1}, {&is_plain, 1});
  return is_plain;
}

/// What the meter would notice between the two.
bool same(const PacketDigest& left, const PacketDigest& right) {
  const bool same_tcp = !left.has_tcp || (left.tcp_sequence == right.tcp_sequence &&
                                          left.tcp_acknowledgment == right.tcp_acknowledgment &&
                                          left.tcp_window == right.tcp_window);
  const bool same_payload = left.captured_payload_bytes == 0 || left.payload_offset == right.payload_offset;
  return left.key == right.key && left.hash == right.hash && left.timestamp_ns == right.timestamp_ns &&
         left.ip_bytes == right.ip_bytes && left.segment == right.segment && left.has_tcp == right.has_tcp &&
         same_tcp && left.tcp_flags == right.tcp_flags && left.from_b == right.from_b &&
         left.ttl == right.ttl && left.dscp == right.dscp && left.payload_bytes == right.payload_bytes &&
         left.captured_payload_bytes == right.captured_payload_bytes && same_payload &&
         left.interface_id == right.interface_id && left.frame == right.frame &&
         left.ethernet_offset == right.ethernet_offset;
}

/// Whether the shortest way, where it takes the packet, gives what the long one gives.
bool agree(const PacketView& packet) {
  PacketDigest plain;
  if (!shortest_way(packet, plain)) return true;
  PacketDigest expected;
  return long_way(packet, expected) && same(plain, expected);
}

TEST(PlainDigest, IsWhatMostPacketsGet) {
  for (const PacketBuilder& packet : plain_packets()) {
    PacketDigest digest;
    EXPECT_TRUE(shortest_way(testing::view_of(packet.bytes()), digest));
    EXPECT_TRUE(agree(testing::view_of(packet.bytes())));
  }
}

TEST(PlainDigest, LeavesAnythingElseToTheDecoder) {
  const std::vector<PacketBuilder> others = {
      PacketBuilder(40).tcp(1, 2, 0x10).ipv4(6, 0x2000).ethernet(0x0800),
      PacketBuilder(40).ipv4(1).ethernet(0x0800),
      PacketBuilder(60).ethernet(0x0806),
      PacketBuilder(60).udp(4'341, 4'341).ipv4(17).ethernet(0x0800),
  };
  for (const PacketBuilder& packet : others) {
    PacketDigest digest;
    EXPECT_FALSE(shortest_way(testing::view_of(packet.bytes()), digest));
  }
}

TEST(PlainDigest, EveryCutAndEveryChangedOctetGivesWhatTheDecoderGives) {
  std::mt19937 random(1);
  for (const PacketBuilder& packet : plain_packets()) {
    for (std::size_t at = 0; at < packet.size(); ++at) {
      const std::vector<std::byte> cut(packet.bytes().begin(), packet.bytes().begin() + at);
      PacketView view = testing::view_of(cut);
      view.original_length = packet.size();
      ASSERT_TRUE(agree(view)) << "cut at " << at;
      for (int change = 0; change < 64; ++change) {
        std::vector<std::byte> changed(packet.bytes().begin(), packet.bytes().end());
        changed[at] = static_cast<std::byte>(random());
        ASSERT_TRUE(agree(testing::view_of(changed)))
            << "octet " << at << " is " << std::to_integer<int>(changed[at]);
      }
    }
  }
}

}  // namespace
}  // namespace wireglass
