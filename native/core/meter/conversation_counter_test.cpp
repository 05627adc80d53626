#include "meter/conversation_counter.hpp"

#include <gtest/gtest.h>

#include "decode/decoder.hpp"
#include "meter/testing/packets.hpp"

namespace wireglass {
namespace {

using testing::ipv4_packet;
using testing::lisp_data;
using testing::PacketBytes;
using testing::sctp_header;
using testing::tcp_header;
using testing::udp_header;

constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kSctp = 132;

void observe(ConversationCounter& counter, const PacketBytes& bytes, LinkType link_type = LinkType::kRaw) {
  PacketView packet;
  packet.data = bytes.data();
  packet.captured_length = packet.original_length = static_cast<std::uint32_t>(bytes.size());
  packet.link_type = link_type;
  DecodedPacket decoded;
  Decoder().decode(packet, decoded);
  counter.observe(packet, decoded);
}

TEST(ConversationCounter, CountsBothDirectionsOnce) {
  ConversationCounter counter;
  for (int repeat = 0; repeat < 3; ++repeat) {
    observe(counter, ipv4_packet({10, 0, 0, 1}, {10, 0, 0, 2}, kTcp, tcp_header(1'000, 80, 0x10)));
    observe(counter, ipv4_packet({10, 0, 0, 2}, {10, 0, 0, 1}, kTcp, tcp_header(80, 1'000, 0x10)));
  }
  EXPECT_EQ(counter.outer(), (ConversationCounts{1, 0, 0}));
  EXPECT_EQ(counter.inner(), (ConversationCounts{0, 0, 0}));
}

TEST(ConversationCounter, TellsProtocolsAndPortsApart) {
  ConversationCounter counter;
  observe(counter, ipv4_packet({10, 0, 0, 1}, {10, 0, 0, 2}, kTcp, tcp_header(7, 9, 0x10)));
  observe(counter, ipv4_packet({10, 0, 0, 1}, {10, 0, 0, 2}, kUdp, udp_header(7, 9)));
  observe(counter, ipv4_packet({10, 0, 0, 1}, {10, 0, 0, 2}, kUdp, udp_header(9, 7)));
  observe(counter, ipv4_packet({10, 0, 0, 1}, {10, 0, 0, 2}, kSctp, sctp_header(7, 9)));
  EXPECT_EQ(counter.outer(), (ConversationCounts{1, 2, 1}));
}

TEST(ConversationCounter, TimeVlanAndTenantMakeNoDifference) {
  ConversationCounter counter;
  const PacketBytes ip = ipv4_packet({10, 0, 0, 1}, {10, 0, 0, 2}, kUdp, udp_header(7, 9));
  observe(counter, testing::ethernet_frame({}, ip), LinkType::kEthernet);
  observe(counter, testing::ethernet_frame({5}, ip), LinkType::kEthernet);
  observe(counter, testing::ethernet_frame({5, 6}, ip), LinkType::kEthernet);
  EXPECT_EQ(counter.outer(), (ConversationCounts{0, 1, 0}));
  for (const std::uint32_t instance_id : {1U, 2U}) {
    observe(counter, ipv4_packet({203, 0, 113, 1}, {203, 0, 113, 2}, kUdp, lisp_data(instance_id, ip)));
  }
  EXPECT_EQ(counter.outer(), (ConversationCounts{0, 2, 0}));
  EXPECT_EQ(counter.inner(), (ConversationCounts{0, 1, 0}));
}

TEST(ConversationCounter, IgnoresProtocolsWithoutPortsAndLaterFragments) {
  ConversationCounter counter;
  observe(counter, ipv4_packet({10, 0, 0, 1}, {10, 0, 0, 2}, 1, testing::bytes_of({8, 0, 0, 0, 0, 0, 0, 0})));
  PacketBytes fragment = ipv4_packet({10, 0, 0, 1}, {10, 0, 0, 2}, kUdp, udp_header(7, 9));
  fragment[7] = std::byte{1};
  observe(counter, fragment);
  EXPECT_EQ(counter.outer(), (ConversationCounts{0, 0, 0}));
  fragment[6] = std::byte{0x20};  // more fragments
  fragment[7] = std::byte{0};
  observe(counter, fragment);
  EXPECT_EQ(counter.outer(), (ConversationCounts{0, 1, 0}));
}

TEST(ConversationCounter, StaysExactWhileItGrows) {
  ConversationCounter counter;
  for (int repeat = 0; repeat < 2; ++repeat) {
    for (unsigned serial = 0; serial < 50'000; ++serial) {
      observe(counter, ipv4_packet({10, 0, serial >> 8 & 0xff, serial & 0xff}, {10, 9, 9, 9}, kUdp,
                                   udp_header(static_cast<std::uint16_t>(1 + (serial >> 16)), 53)));
      if (serial == 777) {
        EXPECT_EQ(counter.outer().udp, repeat == 0 ? 778U : 50'000U);
      }
    }
  }
  EXPECT_EQ(counter.outer(), (ConversationCounts{0, 50'000, 0}));
  EXPECT_EQ(counter.overflowed(), 0U);
}

}  // namespace
}  // namespace wireglass
