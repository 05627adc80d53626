#include <gtest/gtest.h>

#include "decode/testing/layer_cases.hpp"

namespace wireglass {
namespace {

using enum DecodeStatus;
using testing::decode;
using testing::expect_layers_of;
using testing::inner_ipv4;
using testing::inner_ipv6;
using testing::PacketBuilder;

constexpr unsigned kMplsEthertype = 0x8847;

PacketBuilder label(PacketBuilder inside, unsigned label, bool is_bottom = true) {
  return inside.front({label >> 12 & 255, label >> 4 & 255, (label & 15) << 4 | (is_bottom ? 1U : 0U), 64});
}
PacketBuilder labels(PacketBuilder inside, unsigned outer, unsigned inner) {
  return label(label(std::move(inside), inner), outer, false);
}
PacketBuilder on_wire(PacketBuilder inside) { return inside.ethernet(kMplsEthertype); }
PacketBuilder frame() { return inner_ipv4().ethernet(0x0800); }
PacketBuilder frame_to(unsigned first_octet) { return frame().set8(0, first_octet); }
PacketBuilder control_word(PacketBuilder inside, unsigned sequence = 0) {
  return inside.front({0, 0, sequence >> 8, sequence & 255});
}

TEST(Mpls, CarriesIpWithoutBeingAnOverlay) {
  PacketBuilder deep = label(inner_ipv4(), 40);
  for (unsigned i = 0; i < 30; ++i) deep = label(deep, 41, false);
  expect_layers_of(
      {
          {"ipv4", on_wire(label(inner_ipv4(), 100))},
          {"ipv6", on_wire(label(inner_ipv6(), 100))},
          {"multicast", label(inner_ipv4(), 100).ethernet(0x8848)},
          {"stack of two", on_wire(labels(inner_ipv4(), 100, 200))},
          {"stack of 31", on_wire(deep)},
          {"ipv4 explicit null", on_wire(label(inner_ipv4(), 0))},
          {"ipv6 explicit null", on_wire(labels(inner_ipv6(), 100, 2))},
          {"in a vlan", label(inner_ipv4(), 100).vlan(7, kMplsEthertype).ethernet(0x8100)},
          {"entropy label", on_wire(label(label(label(inner_ipv4(), 9999), 7, false), 300, false))},
          {"ip packet in an associated channel", on_wire(label(inner_ipv4().front({0x10, 0, 0, 0x21}), 100))},
          {"ipv6 packet in an associated channel",
           on_wire(label(inner_ipv6().front({0x10, 0, 0, 0x57}), 100))},
      },
      LinkType::kEthernet);
  expect_layers_of({{"over ppp", label(inner_ipv4(), 100).front({0xff, 3, 2, 0x81})},
                    {"multicast over ppp", label(inner_ipv4(), 100).front({2, 0x83})}},
                   LinkType::kPpp);
}

TEST(Mpls, PseudowireHasItsLabelForTenant) {
  expect_layers_of(
      {
          {"no control word", on_wire(label(frame(), 300)), 1, Overlay::kMpls, 300},
          {"control word", on_wire(label(control_word(frame()), 300)), 1, Overlay::kMpls, 300},
          {"control word with sequence", on_wire(labels(control_word(frame(), 0x1234), 100, 300)), 1,
           Overlay::kMpls, 300},
          {"mac of zeros, control word", on_wire(label(control_word(frame_to(0)), 300)), 1, Overlay::kMpls,
           300},
          {"mac of zeros, no control word", on_wire(label(frame_to(0), 300)), 1, Overlay::kMpls, 300},
          {"mac like ipv4", on_wire(label(frame_to(0x45), 300)), 1, Overlay::kMpls, 300},
          {"mac like ipv6", on_wire(label(frame_to(0x60), 300)), 1, Overlay::kMpls, 300},
          {"mac like a channel", on_wire(label(frame_to(0x10).set8(1, 5), 300)), 1, Overlay::kMpls, 300},
          {"vlan inside", on_wire(label(inner_ipv6().vlan(7, 0x86dd).ethernet(0x8100).set8(0, 0), 300)), 1,
           Overlay::kMpls, 300},
          {"snap inside", on_wire(label(inner_ipv4().llc_snap(0x0800).ethernet(68).set8(0, 0), 300)), 1,
           Overlay::kMpls, 300},
          {"pseudowire in pseudowire", on_wire(label(on_wire(label(frame(), 400)), 300)), 1, Overlay::kMpls,
           400},
      },
      LinkType::kEthernet);
  const DecodedPacket decoded = decode(on_wire(label(frame(), 300)));
  EXPECT_EQ(decoded.overlay_ip_layer, DecodedPacket::kNoIpLayer) << "nothing outside has addresses";
  EXPECT_EQ(decoded.ethernet_offset, 18) << "of the frame inside";
}

TEST(Mpls, OverIpIsATunnelWithItsLabelForTenant) {
  const auto gre = [](PacketBuilder inside) { return inside.front({0, 0, 0x88, 0x47}).ipv4(47); };
  expect_layers_of(
      {
          {"in ip", label(inner_ipv4(), 100).ipv4(137), 2, Overlay::kMpls, 100},
          {"in ipv6", label(inner_ipv6(), 100).ipv6(137), 2, Overlay::kMpls, 100},
          {"in gre", gre(label(inner_ipv4(), 100)), 2, Overlay::kMpls, 100},
          {"pseudowire in gre", gre(label(control_word(frame()), 100)), 2, Overlay::kMpls, 100},
          {"entropy label", gre(label(label(label(inner_ipv4(), 9999), 7, false), 300, false)), 2,
           Overlay::kMpls, 300},
          {"explicit null", gre(label(inner_ipv4(), 0)), 2, Overlay::kMpls, 0},
          {"arp in a pseudowire", gre(label(PacketBuilder(28).ethernet(0x0806), 100)), 1, Overlay::kNone, 0,
           kOk, kNotIp},
          {"stack without bottom", gre(label(PacketBuilder(), 100, false)), 1, Overlay::kNone, 0, kOk,
           kMalformed},
      },
      LinkType::kRaw);
}

TEST(Mpls, WithoutIpIsRefused) {
  PacketBuilder endless = label(inner_ipv4(), 100);
  for (unsigned i = 0; i < 32; ++i) endless = label(endless, 100, false);
  const auto refused = [](std::string name, PacketBuilder packet, DecodeStatus status) {
    return testing::LayerCase{std::move(name), std::move(packet), 0, Overlay::kNone, 0, status};
  };
  expect_layers_of(
      {
          refused("nothing behind the stack", on_wire(label(PacketBuilder(), 100)), kNotIp),
          refused("half an entry", on_wire(PacketBuilder(3)), kMalformed),
          refused("no bottom", on_wire(label(PacketBuilder(), 100, false)), kMalformed),
          refused("stack of 33", on_wire(endless), kTooDeep),
          refused("bfd in an associated channel",
                  on_wire(label(PacketBuilder(24).front({0x10, 0, 0, 7}), 13)), kNotIp),
          refused("oam alert", on_wire(label(inner_ipv4(), 14)), kNotIp),
          refused("half a channel header", on_wire(label(PacketBuilder().front({0x10, 0}), 100)), kMalformed),
          refused("half a control word", on_wire(label(PacketBuilder(3), 100)), kMalformed),
          refused("control word without a frame", on_wire(label(PacketBuilder(4), 100)), kMalformed),
          refused("arp in a pseudowire", on_wire(label(PacketBuilder(28).ethernet(0x0806), 100)), kNotIp),
          refused("bad ipv4", on_wire(label(inner_ipv4().set8(0, 0x44), 100)), kMalformed),
          refused("ipv6 under ipv4 explicit null", on_wire(label(inner_ipv6(), 0)), kMalformed),
      },
      LinkType::kEthernet);
}

}  // namespace
}  // namespace wireglass
