#include "meter/fragment_table.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <random>
#include <tuple>

#include "decode/testing/decode_helpers.hpp"

namespace wireglass {
namespace {

using testing::PacketBuilder;
using testing::view_of;

constexpr unsigned kFirst = 0x2000;         // more fragments, offset 0
constexpr unsigned kLater = 0x2000 | 185;   // more fragments, offset 1480
constexpr std::size_t kIdentification = 4;  // in an IPv4 header
constexpr unsigned kIpv6First = 1;
constexpr unsigned kIpv6Later = 1448 | 1;

PacketBuilder identified(PacketBuilder packet, unsigned identification) {
  return packet.set16(kIdentification, identification);
}
PacketBuilder first(unsigned src_port, unsigned dst_port, unsigned identification = 7) {
  return identified(PacketBuilder(16).udp(src_port, dst_port).ipv4(17, kFirst), identification);
}
PacketBuilder later(unsigned identification = 7) {
  return identified(PacketBuilder(16).ipv4(17, kLater), identification);
}

class Fragments : public ::testing::Test {
 protected:
  explicit Fragments(const FragmentConfig& config = {}) : table_(config, hash_) {}

  /// The innermost layer as the meter will see it.
  IpLayer see(const PacketBuilder& packet, TimeNs timestamp_ns = kSecondNs, LinkType link = LinkType::kRaw) {
    PacketView view = view_of(packet.bytes(), link);
    view.timestamp_ns = timestamp_ns;
    DecodedPacket decoded;
    Decoder().decode(view, decoded);
    EXPECT_EQ(decoded.status, DecodeStatus::kOk);
    table_.follow(view, decoded);
    return decoded.flow_layer();
  }
  void expect_ports(const IpLayer& layer, unsigned src_port, unsigned dst_port) {
    EXPECT_TRUE(layer.has_ports);
    EXPECT_EQ(layer.src_port, src_port);
    EXPECT_EQ(layer.dst_port, dst_port);
  }

  const FragmentCounters& counters() const { return table_.counters(); }

  FlowHash hash_{1};
  FragmentTable table_;
};

TEST_F(Fragments, JoinTheFlowOfTheirFirst) {
  see(first(1000, 2000));
  expect_ports(see(later()), 1000, 2000);
  expect_ports(see(later()), 1000, 2000);
  EXPECT_EQ(counters().learned.value(), 1U);
  EXPECT_EQ(counters().resolved.value(), 2U);
  EXPECT_EQ(counters().unresolved.value(), 0U);
}

TEST_F(Fragments, WithoutAFirstHaveNoPorts) {
  EXPECT_FALSE(see(later()).has_ports);
  see(first(1000, 2000));
  EXPECT_FALSE(see(later(8)).has_ports) << "another identification";
  EXPECT_EQ(counters().unresolved.value(), 2U);
}

TEST_F(Fragments, OfProtocolsWithoutPortsMissNothing) {
  see(identified(PacketBuilder(16).ipv4(1, kFirst), 7));
  EXPECT_FALSE(see(identified(PacketBuilder(16).ipv4(1, kLater), 7)).has_ports);
  EXPECT_EQ(counters().learned.value(), 0U);
  EXPECT_EQ(counters().unresolved.value(), 0U);
}

TEST_F(Fragments, AreToldApartByAddressProtocolVlanAndVersion) {
  see(first(1000, 2000));
  EXPECT_FALSE(see(later().set8(19, 99)).has_ports) << "another destination";
  EXPECT_FALSE(see(later().set8(9, 6)).has_ports) << "another protocol";
  const PacketBuilder tagged = later().vlan(5, 0x0800).ethernet(0x8100);
  EXPECT_FALSE(see(tagged, kSecondNs, LinkType::kEthernet).has_ports) << "another VLAN";
  see(first(3000, 4000).vlan(5, 0x0800).ethernet(0x8100), kSecondNs, LinkType::kEthernet);
  expect_ports(see(tagged, kSecondNs, LinkType::kEthernet), 3000, 4000);
  expect_ports(see(later()), 1000, 2000);
}

TEST_F(Fragments, OfTenantsWithEqualAddressesDoNotMix) {
  const auto in_lisp = [](unsigned instance_id, PacketBuilder inner) {
    return inner.front({0x08, 0, 0, 0, 0, 0, instance_id, 0}).udp(50'000, 4341).ipv4(17);
  };
  see(in_lisp(1, first(1000, 2000)));
  EXPECT_FALSE(see(in_lisp(2, later())).has_ports);
  EXPECT_FALSE(see(later()).has_ports) << "outside of the tunnel";
  see(in_lisp(2, first(3000, 4000)));
  expect_ports(see(in_lisp(1, later())), 1000, 2000);
  expect_ports(see(in_lisp(2, later())), 3000, 4000);
}

TEST_F(Fragments, OfVlansInsideATunnelDoNotMix) {
  const auto in_vxlan = [](PacketBuilder inner, unsigned vlan_id) {
    inner.vlan(vlan_id, 0x0800).ethernet(0x8100);
    return inner.front({0x08, 0, 0, 0, 0, 0, 5, 0}).udp(50000, 4789).ipv4(17);
  };
  see(in_vxlan(first(1000, 2000), 7));
  see(in_vxlan(first(3000, 4000), 8));
  expect_ports(see(in_vxlan(later(), 7)), 1000, 2000);
  expect_ports(see(in_vxlan(later(), 8)), 3000, 4000);
  EXPECT_EQ(counters().conflicting.value(), 0U);
}

TEST_F(Fragments, OfATunnelPacketJoinTheTunnelsOwnFlow) {
  PacketBuilder tunnel = PacketBuilder(16)
                             .udp(1, 2)
                             .ipv4(17)
                             .front({0x08, 0, 0, 0, 0, 0, 1, 0})
                             .udp(50'000, 4341)
                             .ipv4(17, kFirst);
  see(identified(tunnel, 7));
  expect_ports(see(later()), 50'000, 4341);
}

TEST_F(Fragments, OfIpv6GetTheProtocolBehindTheExtensionHeaders) {
  see(PacketBuilder(16).udp(1000, 2000).extension(17).ipv6_fragment(60, kIpv6First).ipv6(44));
  const IpLayer layer = see(PacketBuilder(16).ipv6_fragment(60, kIpv6Later).ipv6(44));
  EXPECT_EQ(layer.protocol, 17);
  expect_ports(layer, 1000, 2000);

  see(PacketBuilder(16).extension(58).ipv6_fragment(60, kIpv6First).ipv6(44).set8(39, 9));
  const IpLayer icmp = see(PacketBuilder(16).ipv6_fragment(60, kIpv6Later).ipv6(44).set8(39, 9));
  EXPECT_EQ(icmp.protocol, 58);
  EXPECT_FALSE(icmp.has_ports);
}

TEST_F(Fragments, BehindAnAuthenticationHeaderAreFollowed) {
  PacketBuilder start = PacketBuilder(16).udp(1000, 2000).authentication_header(17).ipv4(51, kFirst);
  see(identified(start, 7));
  const IpLayer layer = see(identified(PacketBuilder(16).ipv4(51, kLater), 7));
  EXPECT_EQ(layer.protocol, 17);
  expect_ports(layer, 1000, 2000);
}

TEST_F(Fragments, KeepTheEarlierOfTwoFirsts) {
  see(first(1000, 2000), kSecondNs);
  see(first(1000, 2000), kSecondNs + 1);
  EXPECT_EQ(counters().conflicting.value(), 0U) << "a duplicate contradicts nothing";
  see(first(6666, 2000), kSecondNs + 2);
  EXPECT_EQ(counters().conflicting.value(), 1U);
  expect_ports(see(later(), kSecondNs + 3), 1000, 2000);

  see(first(3000, 4000), kSecondNs + FragmentTable::kReuseNs);
  expect_ports(see(later(), kSecondNs + FragmentTable::kReuseNs), 3000, 4000);
  EXPECT_EQ(counters().conflicting.value(), 1U);
}

TEST_F(Fragments, TooShortForPortsTeachNothing) {
  see(identified(PacketBuilder(2).ipv4(17, kFirst), 7));
  EXPECT_FALSE(see(later()).has_ports);
  EXPECT_EQ(counters().learned.value(), 0U);
}

TEST_F(Fragments, AreForgottenAfterTheTimeout) {
  const FragmentConfig config;
  see(first(1000, 2000), 0);
  EXPECT_TRUE(see(later(), config.timeout_ns - 1).has_ports);
  EXPECT_FALSE(see(later(), config.timeout_ns).has_ports);
  EXPECT_FALSE(see(later(), -config.timeout_ns).has_ports) << "another file's time";
  see(first(1000, 2000), std::numeric_limits<TimeNs>::min());
  EXPECT_FALSE(see(later(), std::numeric_limits<TimeNs>::max()).has_ports);
}

class FewFragments : public Fragments {
 protected:
  FewFragments() : Fragments({.max_datagrams = 64}) {}
};

TEST_F(FewFragments, ForgetTheOldestInAFlood) {
  for (unsigned id = 0; id < 60'000; ++id) see(first(id, 2000, id), kSecondNs + id);
  EXPECT_EQ(counters().learned.value(), 60'000U);
  EXPECT_EQ(counters().replaced.value(), 60'000U - 64);
  unsigned known = 0;
  for (unsigned id = 0; id < 60'000; ++id) {
    const IpLayer layer = see(later(id), kSecondNs + 60'000);
    if (!layer.has_ports) continue;
    ++known;
    EXPECT_EQ(layer.src_port, id);
  }
  EXPECT_EQ(known, 64U);
  expect_ports(see(later(59'999), kSecondNs + 60'000), 59'999, 2000);
  EXPECT_LE(FragmentTable::footprint_bytes({.max_datagrams = 64}), 4096U);
}

TEST_F(FewFragments, MakeRoomWithoutLossWhereOthersHaveExpired) {
  const FragmentConfig config;
  for (unsigned id = 0; id < 1000; ++id) see(first(id, 2000, id), id * config.timeout_ns);
  EXPECT_EQ(counters().replaced.value(), 0U);
}

// The table beside a map that never forgets but by the same rules.
TEST_F(Fragments, AgreeWithAPlainMap) {
  struct Known {
    unsigned src_port;
    TimeNs learned_ns;
  };
  using Key = std::tuple<unsigned, unsigned, unsigned>;  // identification, destination, protocol
  std::map<Key, Known> model;
  std::mt19937 random(7);
  const auto draw = [&](unsigned below) { return static_cast<unsigned>(random() % below); };
  TimeNs now_ns = 0;
  for (int step = 0; step < 20'000; ++step) {
    now_ns += draw(400) * kMillisecondNs;
    const Key key{draw(8), draw(4), draw(2) == 0 ? 17 : 6};
    const auto [identification, destination, protocol] = key;
    const auto found = model.find(key);
    const bool is_known = found != model.end() && now_ns - found->second.learned_ns < 30 * kSecondNs;
    if (draw(3) == 0) {
      const unsigned src_port = draw(60'000);
      PacketBuilder packet = first(src_port, 2000, identification).set8(9, protocol).set8(19, destination);
      see(packet, now_ns);
      const bool is_taken = !is_known || now_ns - found->second.learned_ns >= FragmentTable::kReuseNs;
      if (is_taken) model[key] = {src_port, now_ns};
    } else {
      PacketBuilder packet = later(identification).set8(9, protocol).set8(19, destination);
      const IpLayer layer = see(packet, now_ns);
      ASSERT_EQ(layer.has_ports, is_known) << step;
      ASSERT_EQ(layer.src_port, is_known ? found->second.src_port : 0) << step;
    }
  }
  EXPECT_EQ(counters().replaced.value(), 0U);
  EXPECT_GT(counters().resolved.value(), 1000U);
  EXPECT_GT(counters().conflicting.value(), 100U);
}

}  // namespace
}  // namespace wireglass
