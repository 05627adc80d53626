#include "decode/testing/tunnel_cases.hpp"

namespace wireglass {
namespace {

using namespace testing;

constexpr unsigned kCapwap = 5247;
constexpr unsigned kNative = 0x100;
constexpr unsigned kFragment = 0x80;
constexpr unsigned kKeepAlive = 0x08;
constexpr unsigned kWireless = 1U << 9;

// A header of two words; `more` words of radio address and wireless information behind it.
PacketBuilder capwap(PacketBuilder inside, unsigned flags, unsigned fragment_offset = 0, unsigned more = 0) {
  inside.front(std::vector<std::byte>(std::size_t{4} * more));
  const unsigned word = (2 + more) << 19 | flags;
  const unsigned offset = fragment_offset << 3;
  return inside.front(
      {word >> 24, word >> 16 & 255, word >> 8 & 255, word & 255, 0, 9, offset >> 8, offset & 255});
}
// A data frame to the distribution system.
PacketBuilder wireless(PacketBuilder inside, unsigned first = 8, unsigned second = 1) {
  return inside.llc_snap(0x0800).front(std::vector<std::byte>(22)).front({first, second});
}
PacketBuilder frame() { return inner_ipv4().ethernet(0x0800); }
DecodedPacket decoded(PacketBuilder datagram) {
  return decode(over_udp(std::move(datagram), kCapwap), LinkType::kRaw);
}

TEST(Capwap, CarriesEthernetAndWirelessFrames) {
  expect_inner_flow(decoded(capwap(frame(), 0)), Overlay::kCapwap, 0);
  expect_inner_flow(decoded(capwap(frame(), kWireless)), Overlay::kCapwap, 0);
  expect_inner_flow(decoded(capwap(wireless(inner_ipv4()), kNative | kWireless, 0, 2)), Overlay::kCapwap, 0);
  expect_inner_flow(decoded(capwap(wireless(inner_ipv4(), 8, 2), kNative | kWireless)), Overlay::kCapwap, 0);
}

TEST(Capwap, WirelessFramesMayHaveTheirFrameControlSwapped) {
  expect_inner_flow(decoded(capwap(wireless(inner_ipv4(), 0x11, 8), kNative | kWireless)), Overlay::kCapwap,
                    0);
  expect_inner_flow(decoded(capwap(wireless(inner_ipv4(), 2, 8), kNative | kWireless)), Overlay::kCapwap, 0);
}

TEST(Capwap, FirstFragmentIsFollowedAndLaterOnesCarryNothing) {
  expect_inner_flow(decoded(capwap(frame(), kFragment)), Overlay::kCapwap, 0);
  for (const PacketBuilder& datagram : {capwap(frame(), kFragment, 100), capwap(frame(), kKeepAlive)}) {
    const DecodedPacket packet = decoded(datagram);
    EXPECT_EQ(packet.status, DecodeStatus::kOk);
    EXPECT_EQ(packet.inner_status, DecodeStatus::kOk) << "there is nothing to follow";
    EXPECT_EQ(packet.overlay, Overlay::kNone);
    EXPECT_EQ(packet.ip_layer_count, 1);
  }
}

TEST(Capwap, DtlsHidesWhatItCarries) {
  const DecodedPacket packet = decoded(PacketBuilder(40).front({1, 0, 0, 0, 23, 0xfe, 0xfd, 0, 1}));
  EXPECT_EQ(packet.inner_status, DecodeStatus::kEncrypted);
  EXPECT_EQ(packet.overlay, Overlay::kNone);
}

TEST(Capwap, CountsForTheOuterFlowWhereItCarriesNoIpPacket) {
  const std::vector<TunnelCase> cases = {
      {"7 octets", PacketBuilder(7)},
      {"version 1", capwap(frame(), 0).set8(0, 0x10)},
      {"type 2", capwap(frame(), 0).set8(0, 2)},
      {"DTLS of no known type", capwap(frame(), 0).set8(0, 1)},
      {"header of one word", capwap(frame(), 0).set8(1, 0x08)},
      {"header beyond the datagram", capwap(frame(), 0).set8(1, 0xf8)},
      {"reserved flags", capwap(frame(), 1)},
      {"native frame of another binding", capwap(wireless(inner_ipv4()), kNative | 3U << 9)},
      {"arp", capwap(PacketBuilder(28).ethernet(0x0806), 0)},
      {"beacon", capwap(wireless(inner_ipv4(), 0x80, 0), kNative | kWireless)},
      {"frame in cipher", capwap(wireless(inner_ipv4(), 8, 0x41), kNative | kWireless)},
  };
  expect_outer_flows(cases, kCapwap);
  expect_soft_failure_where_cut(over_udp(capwap(frame(), 0), kCapwap), Overlay::kCapwap);
}

}  // namespace
}  // namespace wireglass
