#include "bench/minimal_loop.hpp"

#include <gtest/gtest.h>

#include "decode/testing/packet_builder.hpp"
#include "pcapng/pcapng_writer.hpp"
#include "traffic/generator.hpp"

namespace wireglass::bench {
namespace {

using wireglass::testing::PacketBuilder;

constexpr std::size_t kPcapHeaderBytes = 24;

struct Records {
  PcapngWriter::Buffer file;
  TrafficLedger ledger;

  std::span<const std::byte> bytes() const { return std::span(file).subspan(kPcapHeaderBytes); }
};

Records generated(std::uint64_t packets) {
  TrafficProfile profile;
  profile.packets = packets;
  profile.flows = packets / 10;
  profile.ipv6_percent = 30;
  profile.vlan_percent = 30;
  auto generator = make_generator(profile);
  EXPECT_TRUE(generator.ok());
  Records records;
  PcapWriter::file_header(records.file, LinkType::kEthernet, profile.snaplen);
  PacketView packet;
  while (generator.value()->next(packet)) PcapWriter::packet(records.file, packet);
  records.ledger = generator.value()->ledger();
  return records;
}

TEST(MinimalLoop, CountsWhatTheGeneratorMade) {
  const Records records = generated(20'000);
  MinimalLoop loop(LoopMode::kCount, 2'000);
  EXPECT_EQ(loop.walk(records.bytes()), records.bytes().size());
  EXPECT_EQ(loop.totals().packets, records.ledger.packets);
  EXPECT_EQ(loop.totals().bytes, records.ledger.bytes);
  EXPECT_EQ(loop.totals().ip_bytes, records.ledger.ip_bytes);
  EXPECT_EQ(loop.totals().not_ip_packets, 0U);
  EXPECT_EQ(loop.table().flows(), records.ledger.biflows * 2);
  EXPECT_EQ(loop.table().refused_packets(), 0U);
}

TEST(MinimalLoop, StopsInFrontOfARecordThatIsNotWhole) {
  const Records records = generated(100);
  for (std::size_t cut : {std::size_t{0}, std::size_t{15}, std::size_t{16}, records.bytes().size() - 1}) {
    MinimalLoop loop(LoopMode::kHeaders, 1);
    const std::size_t walked = loop.walk(records.bytes().first(cut));
    EXPECT_LE(walked, cut);
    EXPECT_EQ(loop.walk(records.bytes().subspan(walked)), records.bytes().size() - walked) << cut;
    EXPECT_EQ(loop.totals().packets, records.ledger.packets) << cut;
  }
}

TEST(MinimalLoop, AFullTableCountsWhatItRefuses) {
  const Records records = generated(20'000);
  MinimalLoop loop(LoopMode::kCount, 100);
  loop.walk(records.bytes());
  EXPECT_LT(loop.table().flows(), records.ledger.biflows * 2);
  EXPECT_GT(loop.table().refused_packets(), 0U);
  EXPECT_EQ(loop.totals().packets, records.ledger.packets);
}

std::uint32_t read(PacketBuilder packet, unsigned ethertype, FiveTuple& key) {
  packet.front({2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, ethertype >> 8, ethertype & 255});
  return read_five_tuple(packet.bytes(), key);
}

TEST(FiveTuple, DirectionsAreTwoFlowsAndLaterFragmentsHaveNoPorts) {
  FiveTuple there;
  FiveTuple back;
  FiveTuple fragment;
  EXPECT_EQ(read(PacketBuilder(5).udp(1000, 53).ipv4(17), 0x0800, there), 33U);
  EXPECT_EQ(read(PacketBuilder(5).udp(53, 1000).ipv4(17), 0x0800, back), 33U);
  EXPECT_EQ(read(PacketBuilder(5).udp(1000, 53).ipv4(17, 0x00b9), 0x0800, fragment), 33U);
  EXPECT_FALSE(there == back);
  EXPECT_EQ(fragment.ports_protocol & 0xffff'ffffU, 0U);
}

TEST(FiveTuple, ExtensionHeadersAreSteppedOver) {
  FiveTuple plain;
  FiveTuple extended;
  read(PacketBuilder(5).tcp(1000, 443, 2).ipv6(6), 0x86dd, plain);
  read(PacketBuilder(5).tcp(1000, 443, 2).front({6, 0, 1, 4, 0, 0, 0, 0}).ipv6(0), 0x86dd, extended);
  EXPECT_TRUE(plain == extended);
}

TEST(FiveTuple, WhatIsNoWholeIpHeaderIsNone) {
  FiveTuple key;
  EXPECT_EQ(read(PacketBuilder(40), 0x0806, key), 0U);
  EXPECT_EQ(read(PacketBuilder(19), 0x0800, key), 0U);
  EXPECT_EQ(read(PacketBuilder(39), 0x86dd, key), 0U);
  EXPECT_EQ(read(PacketBuilder(3), 0x8100, key), 0U);
  EXPECT_EQ(read_five_tuple({}, key), 0U);
}

}  // namespace
}  // namespace wireglass::bench
