#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "decode/dissection.hpp"
#include "decode/testing/decode_helpers.hpp"

namespace wireglass {
namespace {

using testing::decode;
using testing::decode_cut;
using testing::PacketBuilder;
using testing::view_of;

PacketBuilder ipv4() { return PacketBuilder(4).udp(1000, 2000).ipv4(17); }
PacketBuilder ipv6() { return PacketBuilder(4).udp(1000, 2000).ipv6(17); }
PacketBuilder ethernet() { return ipv4().ethernet(0x0800); }
PacketBuilder snap() { return ipv4().llc_snap(0x0800); }
PacketBuilder zeros(PacketBuilder inside, std::size_t count) {
  return inside.front(std::vector<std::byte>(count));
}

/// IEEE 802.11 data frame to the access point, with the first two octets given.
PacketBuilder wlan(unsigned first, unsigned flags, PacketBuilder inside, unsigned fragment = 0) {
  return inside.front(
      {first, flags, 0, 0, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 3, fragment, 0});
}
/// A subframe of an aggregate, padded to four octets.
PacketBuilder subframe() {
  PacketBuilder frame = snap();
  frame.ethernet(frame.size());
  return frame.trailer((4 - frame.size() % 4) % 4);
}
PacketBuilder amsdu_of_two() {
  const PacketBuilder first = subframe();
  PacketBuilder both = subframe();
  both.front(first.bytes());
  return wlan(0x88, 2, both.front({0x80, 0}));
}
PacketBuilder avs(PacketBuilder inside) {
  return zeros(std::move(inside), 56).front({0x80, 0x21, 0x10, 1, 0, 0, 0, 64});
}
PacketBuilder prism(PacketBuilder inside) {
  return zeros(std::move(inside), 136).front({0x44, 0, 0, 0, 144, 0, 0, 0});
}
PacketBuilder ppi(unsigned link_type, PacketBuilder inside) {
  return inside.front({0, 0, 8, 0, link_type, 0, 0, 0});
}
PacketBuilder pktap(unsigned link_type, PacketBuilder inside, unsigned record = 1) {
  return zeros(std::move(inside), 96).front({108, 0, 0, 0, record, 0, 0, 0, link_type, 0, 0, 0});
}
PacketBuilder erf(unsigned type, PacketBuilder inside) {
  const unsigned length = inside.size() + 16;
  return inside.front({1, 2, 3, 4, 5, 6, 7, 8, type, 4, length >> 8, length & 255, 0, 0, 0, length - 16});
}
PacketBuilder docsis(unsigned control, PacketBuilder inside) {
  const unsigned length = inside.size();
  return inside.front({control, 0, length >> 8, length & 255, 0xbe, 0xef});
}
PacketBuilder nflog_payload(PacketBuilder inside) {
  const unsigned length = inside.size() + 4;
  return inside.front({length & 255, length >> 8, 9, 0});
}
PacketBuilder isl(PacketBuilder inside) {
  return inside.trailer(4)
      .front({0xaa, 0xaa, 3, 0, 0, 0x0c, 0, 10, 0, 0, 0, 0})
      .front({1, 0, 0x0c, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0, 62});
}
PacketBuilder ax25(std::initializer_list<unsigned> control, PacketBuilder inside) {
  return zeros(inside.front(control).front({1}), 13);
}

struct Case {
  std::string name;
  std::uint16_t link_type;
  PacketBuilder packet;
  std::string headers;    // as dissected, up to the IP header
  std::uint32_t gap = 0;  // octets in front of it that no header describes
};

std::vector<Case> wireless_cases() {
  return {
      {"wlan", 105, wlan(8, 1, snap()), "ieee80211 llc"},
      {"wlan to another system", 105, wlan(8, 3, zeros(snap(), 6)), "ieee80211 llc"},
      {"wlan with acknowledgment", 105, wlan(0x18, 2, snap()), "ieee80211 llc"},
      {"wlan qos", 105, wlan(0x88, 1, zeros(snap(), 2)), "ieee80211 llc"},
      {"wlan qos, gap", 105, wlan(0x88, 1, zeros(snap(), 4)), "ieee80211 llc", 2},
      {"wlan qos, high throughput", 105, wlan(0x88, 0x81, zeros(snap(), 6)), "ieee80211 llc"},
      {"wlan order without qos", 105, wlan(8, 0x81, snap()), "ieee80211 llc"},
      {"wlan amsdu", 105, wlan(0x88, 2, snap().ethernet(40).front({0x80, 0})), "ieee80211 ethernet llc"},
      {"wlan amsdu of two", 105, amsdu_of_two(), "ieee80211 ethernet llc"},
      {"wlan mesh", 105, wlan(0x88, 3, zeros(snap(), 11).front({0, 1, 1}).front({2, 0, 0, 0, 0, 4})),
       "ieee80211 llc", 12},
      {"wlan access point buffers", 105, wlan(0x88, 2, snap().front({0, 1})), "ieee80211 llc"},
      {"radiotap", 127, wlan(8, 1, snap()).front({0, 0, 9, 0, 2, 0, 0, 0, 0x10}), "radiotap ieee80211 llc"},
      {"prism", 119, prism(wlan(8, 1, snap())), "prism ieee80211 llc"},
      {"prism big-endian", 119, prism(wlan(8, 1, snap())).set16(4, 0).set16(6, 144), "prism ieee80211 llc"},
      {"avs", 163, avs(wlan(8, 1, snap())), "avs ieee80211 llc"},
      {"avs as prism", 119, avs(wlan(8, 1, snap())), "avs ieee80211 llc"},
      {"ppi", 192, ppi(105, wlan(8, 1, snap())), "ppi ieee80211 llc"},
      {"ppi ethernet", 192, ppi(1, ethernet()), "ppi ethernet"},
      {"ppi in ppi", 192, ppi(192, ppi(12, ipv4())), "ppi ppi"},
      {"tzsp", 128, ethernet().front({1, 0, 0, 1, 0x0a, 1, 0xcc, 0, 1}), "tzsp ethernet"},
      {"tzsp wlan", 128, wlan(8, 1, snap()).front({1, 0, 0, 18, 1}), "tzsp ieee80211 llc"},
      {"tzsp prism", 128, prism(wlan(8, 1, snap())).front({1, 0, 0, 119, 1}), "tzsp prism ieee80211 llc"},
  };
}

std::vector<Case> serial_cases() {
  return {
      {"cisco hdlc", 104, ipv4().front({0x0f, 0, 8, 0}), "cisco_hdlc"},
      {"ppp bridge", 9, ethernet().front({0xff, 3, 0, 0x31, 0, 1}), "ppp ppp_bridge ethernet"},
      {"ppp bridge with LAN", 9, ethernet().front({0, 0x31, 0x40, 1, 0, 0, 0, 7}), "ppp ppp_bridge ethernet"},
      {"cisco hdlc ipv6", 112, ipv6().front({0x8f, 0, 0x86, 0xdd}), "cisco_hdlc"},
      {"cisco hdlc on ppp", 50, ipv4().front({0x0f, 0, 8, 0}), "ppp cisco_hdlc"},
      {"ppp in hdlc", 50, ipv4().front({0xff, 3, 0, 0x21}), "ppp"},
      {"ppp on loopback", 0, ipv4().front({0xff, 3, 0, 0x21}), "null_loop ppp"},
      {"ppp with direction", 204, ipv4().front({1, 0xff, 3, 0, 0x21}), "ppp_with_direction ppp"},
      {"cisco hdlc with direction", 205, ipv4().front({0, 0x0f, 0, 8, 0}),
       "cisco_hdlc_with_direction cisco_hdlc"},
      {"frame relay with direction", 206, ipv4().front({0, 0x18, 0xe1, 3, 0xcc}),
       "frame_relay_with_direction frame_relay"},
      {"pppd", 166, ipv4().front({0, 3, 0, 0x21}), "pppd ppp"},
      {"pppd without direction", 166, ipv4().front({0xff, 3, 0, 0x21}), "pppd ppp"},
      {"frame relay", 107, ipv4().front({0x18, 0xe1, 3, 0xcc}), "frame_relay"},
      {"frame relay ipv6", 107, ipv6().front({0x18, 0xe1, 3, 0x8e}), "frame_relay"},
      {"frame relay padded", 107, ipv4().front({0x18, 0xe1, 3, 0, 0xcc}), "frame_relay"},
      {"frame relay snap", 107, ipv4().front({0x18, 0xe1, 3, 0, 0x80, 0, 0, 0, 8, 0}), "frame_relay"},
      {"frame relay bridged", 107, ethernet().front({0x18, 0xe1, 3, 0, 0x80, 0, 0x80, 0xc2, 0, 7}),
       "frame_relay ethernet"},
      {"frame relay, address of 4", 107, ipv4().front({0x18, 0xe0, 0, 0x11, 3, 0xcc}), "frame_relay"},
      {"frame relay, cisco", 107, ipv4().front({0x18, 0xe1, 8, 0}), "frame_relay"},
      {"frame relay ppp", 107, ipv4().front({0x18, 0xe1, 3, 0xcf, 0, 0x21}), "frame_relay ppp"},
      {"slip", 8, zeros(ipv4(), 14).front({1, 0x45}), "slip"},
      {"slip ipv6", 8, zeros(ipv6(), 16), "slip"},
      {"ax.25 ui", 3, ax25({3, 0xcc}, ipv4()), "ax25"},
      {"ax.25 i", 3, ax25({0x24, 0xcc}, ipv4()), "ax25"},
      {"ax.25 kiss", 202, ax25({3, 0xcc}, ipv4()).front({0x10}), "ax25_kiss ax25"},
      {"atm rfc 1483", 100, snap(), "llc"},
      {"atm bridged", 100, zeros(ethernet(), 2).front({0xaa, 0xaa, 3, 0, 0x80, 0xc2, 0, 7}), "llc ethernet"},
      {"atm nlpid", 100, ipv6().front({0xfe, 0xfe, 3, 0x8e}), "llc"},
      {"atm clip", 106, ipv4(), ""},
      {"atm clip llc", 106, snap(), "llc"},
      {"sunatm", 123, snap().front({2, 0, 0, 100}), "sunatm llc"},
      {"sunatm unknown", 123, ipv4().front({0, 0, 0, 100}), "sunatm"},
      {"sunatm lane", 123, ethernet().front({0x81, 0, 0, 100, 0, 1}), "sunatm lane ethernet"},
      {"erf ethernet", 197, erf(2, ethernet().front({0, 0})), "erf ethernet"},
      {"erf extended", 197, erf(0x82, ethernet().front({1, 0, 0, 0, 0, 0, 0, 0, 0, 0})), "erf ethernet"},
      {"erf hdlc", 197, erf(1, ipv4().front({0x0f, 0, 8, 0})), "erf ppp cisco_hdlc"},
      {"erf hdlc of a channel", 197, erf(17, ipv4().front({0xff, 3, 0, 0x21}).front({0, 0, 0, 1})),
       "erf ppp"},
      {"erf hdlc with hash", 197, erf(19, ipv4().front({0x0f, 0, 8, 0})), "erf ppp cisco_hdlc"},
      {"erf atm", 197, erf(4, snap().front({0, 0, 0, 1})), "erf llc"},
      {"erf atm of a channel", 197, erf(9, snap().front({0, 0, 0, 1}).front({0, 0, 0, 1})), "erf llc"},
      {"erf ipv6", 197, erf(23, ipv6()), "erf"},
      {"juniper ethernet", 178, ethernet().front({0x4d, 0x47, 0x43, 1}), "juniper ethernet"},
      {"juniper extended", 178, ethernet().front({0x4d, 0x47, 0x43, 0x80, 0, 3, 1, 1, 7}),
       "juniper ethernet"},
      {"juniper without link header", 178, ipv4().front({0x4d, 0x47, 0x43, 2, 2, 0, 0, 0}), "juniper"},
      {"juniper ppp", 179, ipv4().front({0x4d, 0x47, 0x43, 0, 0xff, 3, 0, 0x21}), "juniper ppp"},
      {"juniper frame relay", 180, ipv4().front({0x4d, 0x47, 0x43, 0, 0x18, 0xe1, 3, 0xcc}),
       "juniper frame_relay"},
      {"juniper cisco hdlc", 181, ipv4().front({0x4d, 0x47, 0x43, 0, 0x0f, 0, 8, 0}), "juniper cisco_hdlc"},
      {"juniper atm1", 137, snap().front({0x4d, 0x47, 0x43, 0, 0, 0, 0, 0}), "juniper llc", 4},
      {"juniper atm2", 135, zeros(snap(), 8).front({0x4d, 0x47, 0x43, 0}), "juniper llc", 8},
      {"juniper ggsn", 133, ipv6().front({0x4d, 0x47, 0x43, 0, 6, 0, 0, 0}), "juniper", 4},
  };
}

std::vector<Case> local_network_cases() {
  return {
      {"snap bridge tunnel", 1, snap().set8(5, 0xf8).ethernet(40), "ethernet llc"},
      {"llc ip", 1, ipv4().front({6, 6, 3}).ethernet(35), "ethernet llc"},
      {"inter-switch link", 1, isl(ethernet()), "ethernet isl ethernet"},
      {"token ring", 6, snap().front({0x10, 0x40, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}), "token_ring llc"},
      {"token ring, routed", 6,
       snap().front({0x10, 0x40, 2, 0, 0, 0, 0, 2, 0x82, 0, 0, 0, 0, 1, 6, 0x30, 0, 0x11, 0, 0x20}),
       "token_ring llc"},
      {"fddi", 10, snap().front({0x57, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}), "fddi llc"},
      {"arcnet bsd", 7, ipv4().front({1, 2, 212, 0, 0, 1}), "arcnet"},
      {"arcnet bsd, exception", 7, ipv4().front({1, 2, 212, 0xff, 0xff, 0xff, 212, 0, 0, 1}), "arcnet"},
      {"arcnet bsd, rfc 1051", 7, ipv4().front({1, 2, 240}), "arcnet"},
      {"arcnet linux", 129, ipv4().front({1, 2, 0, 0, 212, 3, 0, 1}), "arcnet"},
      {"arcnet linux ipv6", 129, ipv6().front({1, 2, 0, 0, 196, 0, 0, 1}), "arcnet"},
      {"ieee 1394", 138, zeros(ipv4().front({8, 0}), 16), "apple_ieee1394"},
      {"infiniband", 242, zeros(ipv6().front({0x86, 0xdd, 0, 0}), 40), "ipoib"},
      {"symantec", 99, zeros(zeros(ipv4(), 36).front({8, 0}), 6), "symantec_firewall"},
      {"fibre channel", 122, zeros(snap(), 16), "ip_over_fc llc"},
      {"epon", 259, zeros(ethernet(), 8), "epon ethernet"},
      {"netanalyzer", 240, ethernet().front({0, 0x44, 46, 0}), "netanalyzer ethernet"},
      {"netanalyzer transparent", 241, zeros(ethernet(), 12), "netanalyzer_transparent ethernet"},
      {"mpacket", 274, ethernet().front({0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0xd5}),
       "mpacket ethernet"},
      {"mpacket first fragment", 274, ethernet().front({0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0xe6}),
       "mpacket ethernet"},
      {"broadcom prepended", 282, zeros(ethernet(), 4), "broadcom_tag ethernet"},
      {"broadcom", 281, zeros(ipv4().front({8, 0}), 16), "ethernet_broadcom_tag"},
      {"dsa", 284, zeros(ipv4().front({0xe0, 0x0a, 0, 7, 8, 0}), 12), "ethernet_dsa_tag"},
      {"edsa", 285, zeros(snap().front({0xda, 0xda, 0, 0, 0xc0, 0x0a, 0, 0, 0, 40}), 12),
       "ethernet_edsa_tag llc"},
      {"docsis", 143, docsis(0, ethernet()), "docsis ethernet"},
      {"docsis extended", 143, docsis(1, ethernet().front({0xbe, 0xef})).set8(1, 2), "docsis ethernet"},
  };
}

std::vector<Case> host_cases() {
  return {
      {"enc", 109, ipv4().front({2, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}), "enc"},
      {"enc openbsd ipv6", 109, ipv6().front({0, 0, 0, 24, 0, 0, 0, 1, 0, 0, 0, 0}), "enc"},
      {"pflog", 117, zeros(ipv4(), 62).front({61, 2}), "pflog"},
      {"pflog openbsd ipv6", 117, zeros(ipv6(), 98).front({100, 24}), "pflog"},
      {"ipnet", 226, zeros(ipv6(), 22).front({1, 26}), "ipnet"},
      {"pktap", 258, pktap(1, ethernet()), "pktap ethernet"},
      {"pktap raw", 258, pktap(12, ipv6()), "pktap"},
      {"pktap as user 2", 149, pktap(0, ipv4().front({2, 0, 0, 0})), "pktap null_loop"},
      {"nflog", 239, nflog_payload(ipv4()).front({2, 0, 0, 5, 8, 0, 1, 0, 8, 0, 1, 3}), "nflog"},
      {"nflog big-endian", 239, ipv6().front({10, 0, 0, 5, 0, 8, 0, 1, 0, 0, 1, 3, 0, 56, 0, 9}), "nflog"},
      {"nflog, padded field", 239, nflog_payload(ipv4()).front({2, 0, 0, 5, 5, 0, 10, 0, 0, 0, 0, 0}),
       "nflog"},
      {"nflog of a bridge", 239, nflog_payload(ipv6()).front({7, 0, 0, 0, 8, 0, 1, 0, 0x86, 0xdd, 1, 3}),
       "nflog"},
      {"cooked ethernet", 113, ethernet().front({0, 0, 3, 0x0a, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3}),
       "linux_sll ethernet"},
      {"cooked radiotap", 113,
       wlan(8, 1, snap())
           .front({0, 0, 8, 0, 0, 0, 0, 0})
           .front({0, 0, 3, 0x23, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4}),
       "linux_sll radiotap ieee80211 llc"},
  };
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const auto& some : {wireless_cases(), serial_cases(), local_network_cases(), host_cases()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

TEST(LinkTypes, AreFollowedToIp) {
  for (const Case& test : cases()) {
    const DecodedPacket decoded = decode(test.packet, link_type_of(test.link_type));
    ASSERT_EQ(decoded.status, DecodeStatus::kOk) << test.name;
    ASSERT_EQ(decoded.ip_layer_count, 1) << test.name;
    EXPECT_EQ(decoded.flow_layer().src_port, 1000) << test.name;
    EXPECT_EQ(decoded.flow_layer().dst_port, 2000) << test.name;
  }
}

TEST(LinkTypes, PacketsBehindTheFirstOneOfAnAggregateAreToldOf) {
  const DecodedPacket two = decode(amsdu_of_two(), link_type_of(105));
  EXPECT_EQ(two.inner_status, DecodeStatus::kAggregated);
  EXPECT_EQ(two.flow_layer().src_port, 1000);
  const auto one = [](std::size_t frame_check_bytes) {
    return decode(wlan(0x88, 2, subframe().trailer(frame_check_bytes).front({0x80, 0})), link_type_of(105));
  };
  EXPECT_EQ(one(0).inner_status, DecodeStatus::kOk);
  EXPECT_EQ(one(4).inner_status, DecodeStatus::kOk);
  EXPECT_EQ(one(40).inner_status, DecodeStatus::kOk) << "zeros are no subframe";
}

// Where the snaplen cut a packet must not change what is thought of it.
TEST(LinkTypes, CutBySnaplenAreTruncated) {
  for (const Case& test : cases()) {
    const LinkType link_type = link_type_of(test.link_type);
    const std::size_t ports_end = decode(test.packet, link_type).flow_layer().transport_offset + 4U;
    for (std::size_t captured = 0; captured < test.packet.size(); ++captured) {
      EXPECT_EQ(decode_cut(test.packet, captured, link_type).status,
                captured >= ports_end ? DecodeStatus::kOk : DecodeStatus::kTruncated)
          << test.name << " cut at " << captured;
    }
  }
}

// Parsing and describing have to agree on how long each header is.
TEST(LinkTypes, AreDescribedWithoutGaps) {
  for (const Case& test : cases()) {
    std::string names;
    std::uint32_t end = 0;
    std::uint32_t gap = 0;
    for (const DissectedHeader& header :
         dissect(Decoder(), view_of(test.packet.bytes(), link_type_of(test.link_type)))) {
      EXPECT_GE(header.offset, end) << test.name << " before " << header.protocol;
      gap += header.offset - end;
      end = header.offset + header.length;
      if (header.protocol == "ipv4" || header.protocol == "ipv6") break;
      names += (names.empty() ? "" : " ") + header.protocol;
    }
    EXPECT_EQ(names, test.headers) << test.name;
    EXPECT_EQ(gap, test.gap) << test.name;
  }
}

struct Refusal {
  std::string name;
  std::uint16_t link_type;
  PacketBuilder packet;
  DecodeStatus status;
};

std::vector<Refusal> refusals() {
  using enum DecodeStatus;
  return {
      {"wlan beacon", 105, wlan(0x80, 0, snap()), kNotIp},
      {"wlan without data", 105, wlan(0x48, 1, snap()), kNotIp},
      {"wlan protected", 105, wlan(8, 0x41, snap()), kNotIp},
      {"wlan later fragment", 105, wlan(8, 1, snap(), 1), kNotIp},
      {"wlan version 1", 105, wlan(9, 1, snap()), kNotIp},
      {"wlan acknowledgment", 105, PacketBuilder(8).front({0xd4, 0}), kNotIp},
      {"wlan data of 20 octets", 105, PacketBuilder(18).front({8, 1}), kMalformed},
      {"wlan qos without control", 105, wlan(0x88, 1, PacketBuilder()), kMalformed},
      {"radiotap of 7", 127, wlan(8, 1, snap()).front({0, 0, 7, 0, 0, 0, 0, 0}), kMalformed},
      {"radiotap beyond the frame", 127, PacketBuilder(8).set8(2, 9), kMalformed},
      {"prism of 0", 119, PacketBuilder(200), kMalformed},
      {"avs without magic", 163, PacketBuilder(200), kMalformed},
      {"ppi of 7", 192, ppi(1, ethernet()).set8(2, 7), kMalformed},
      {"ppi with user 0", 192, ppi(147, ethernet()), kLinkTypeUnsupported},
      {"ppi with link type 65536", 192, ppi(1, ethernet()).set8(6, 1), kLinkTypeUnsupported},
      {"tzsp keep-alive", 128, PacketBuilder().front({1, 4, 0, 0}), kNotIp},
      {"tzsp of another kind", 128, ethernet().front({1, 0, 0, 7, 1}), kNotIp},
      {"tzsp without end", 128, PacketBuilder(8).front({1, 0, 0, 1}), kMalformed},
      {"tzsp field beyond the packet", 128, PacketBuilder(8).front({1, 0, 0, 1, 9, 200}), kMalformed},
      {"cisco keep-alive", 104, PacketBuilder(20).front({0x8f, 0, 0x80, 0x35}), kNotIp},
      {"cisco hdlc of 3", 104, PacketBuilder(3), kMalformed},
      {"frame relay lmi", 107, PacketBuilder(20).front({0, 1, 3, 8}), kNotIp},
      {"frame relay address of 5", 107, PacketBuilder(20), kMalformed},
      {"frame relay without control", 107, PacketBuilder().front({0x18, 0xe1}), kMalformed},
      {"frame relay without nlpid", 107, PacketBuilder().front({0x18, 0xe1, 3, 0}), kMalformed},
      {"frame relay other snap", 107, ipv4().front({0x18, 0xe1, 3, 0x80, 0, 0, 0x0c, 8, 0}), kNotIp},
      {"frame relay half a snap", 107, PacketBuilder().front({0x18, 0xe1, 3, 0x80, 0, 0}), kMalformed},
      {"direction alone", 204, PacketBuilder(1), kMalformed},
      {"nothing", 205, PacketBuilder(), kMalformed},
      {"slip to nowhere", 8, zeros(ipv4(), 14).front({2, 0x45}), kMalformed},
      {"slip compressed", 8, zeros(ipv4(), 14).front({0, 0x80}), kNotIp},
      {"ax.25 without address end", 3, PacketBuilder(80), kMalformed},
      {"ax.25 short", 3, PacketBuilder(20), kMalformed},
      {"ax.25 supervisory", 3, ax25({1}, PacketBuilder()), kNotIp},
      {"ax.25 text", 3, ax25({3, 0xf0}, ipv4()), kNotIp},
      {"ax.25 kiss command", 202, ax25({3, 0xcc}, ipv4()).front({1}), kNotIp},
      {"atm of 3", 106, PacketBuilder(3), kMalformed},
      {"atm clip, neither", 106, PacketBuilder(8), kMalformed},
      {"atm nlpid isis", 100, ipv4().front({0xfe, 0xfe, 3, 0x83}), kNotIp},
      {"sunatm signalling", 123, snap().front({6, 0, 0, 5}), kNotIp},
      {"sunatm lane control", 123, ethernet().front({1, 0, 0, 5, 0xff, 0}), kNotIp},
      {"erf of 15", 197, erf(2, ethernet()).set16(10, 15), kMalformed},
      {"erf of another type", 197, erf(21, ethernet()), kNotIp},
      {"erf with extensions without end", 197, erf(0x82, PacketBuilder(8)).set8(16, 0x80), kMalformed},
      {"juniper without magic", 178, ethernet().front({0, 0, 0, 0}), kMalformed},
      {"juniper extensions beyond the frame", 178, PacketBuilder(8).front({0x4d, 0x47, 0x43, 0x80, 1, 0}),
       kMalformed},
      {"juniper payload of another kind", 178, ipv4().front({0x4d, 0x47, 0x43, 2, 201, 0, 0, 0}), kNotIp},
      {"snap of another organization", 1, snap().set8(5, 0x0c).ethernet(40), kNotIp},
      {"snap bridged token ring", 1, snap().set16(4, 0x80c2).set16(6, 3).ethernet(40), kNotIp},
      {"length 1501", 1, snap().ethernet(1501), kNotIp},
      {"novell raw", 1, ipv4().front({0xff, 0xff}).ethernet(34), kNotIp},
      {"inter-switch link of 8", 1, isl(PacketBuilder()).trailer(0).set16(12, 4), kMalformed},
      {"token ring mac", 6, snap().front({0x10, 0, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}), kNotIp},
      {"token ring routing of 0", 6, PacketBuilder(20).set8(1, 0x40).set8(8, 0x80), kMalformed},
      {"token ring routing of 30", 6, PacketBuilder(20).set8(1, 0x40).set8(8, 0x80).set8(14, 30), kMalformed},
      {"fddi token", 10, PacketBuilder(40).set8(0, 0x80), kNotIp},
      {"arcnet arp", 7, PacketBuilder(20).set8(2, 213), kNotIp},
      {"arcnet later fragment", 7, ipv4().front({1, 2, 212, 2, 0, 1}), kNotIp},
      {"arcnet exception of 3", 129, PacketBuilder().front({1, 2, 0, 0, 212, 0xff, 0, 0}), kMalformed},
      {"infiniband arp", 242, zeros(PacketBuilder(28).front({8, 6, 0, 0}), 40), kNotIp},
      {"infiniband of 43", 242, PacketBuilder(43), kMalformed},
      {"fibre channel of 15", 122, PacketBuilder(15), kMalformed},
      {"mpacket continued", 274, ethernet().front({0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x61}), kNotIp},
      {"mpacket of 7", 274, PacketBuilder(7), kMalformed},
      {"dsa of 17", 284, PacketBuilder(17), kMalformed},
      {"docsis management", 143, docsis(0xc2, ethernet()), kNotIp},
      {"docsis extended beyond its length", 143, docsis(1, PacketBuilder(4)).set8(1, 200), kMalformed},
      {"enc of another family", 109, ipv4().front({0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 0}), kNotIp},
      {"pflog of 0", 117, PacketBuilder(60), kMalformed},
      {"pflog beyond the frame", 117, PacketBuilder(8).set8(0, 9), kMalformed},
      {"ipnet of 23", 226, PacketBuilder(23), kMalformed},
      {"pktap of 107", 258, pktap(1, ethernet()).set8(0, 107), kMalformed},
      {"pktap of another record", 258, pktap(1, ethernet(), 2), kNotIp},
      {"pktap with user 3", 258, pktap(150, ethernet()), kLinkTypeUnsupported},
      {"user 2", 149, ethernet(), kLinkTypeUnsupported},
      {"nflog field of 3", 239, PacketBuilder().front({2, 0, 0, 0, 3, 0, 9, 0}), kMalformed},
      {"nflog beyond the packet", 239, PacketBuilder().front({2, 0, 0, 0, 12, 0, 5, 0}), kMalformed},
      {"nflog without packet", 239, PacketBuilder().front({2, 0, 0, 0, 8, 0, 5, 0, 0, 0, 0, 0}), kNotIp},
      {"nflog of another family", 239, nflog_payload(ipv4()).front({1, 0, 0, 0}), kNotIp},
      {"d-bus", 231, ipv4(), kNotIp},
      {"vsock", 271, ipv4(), kNotIp},
      {"user 0", 147, ipv4(), kLinkTypeUnsupported},
      {"usb", 189, ipv4(), kLinkTypeUnsupported},
      {"not in the registry", 65535, ipv4(), kLinkTypeUnsupported},
  };
}

TEST(LinkTypes, AreRefusedWithTheirReason) {
  for (const Refusal& test : refusals()) {
    const DecodedPacket decoded = decode(test.packet, link_type_of(test.link_type));
    EXPECT_EQ(decoded.status, test.status) << test.name;
    EXPECT_EQ(decoded.ip_layer_count, 0) << test.name;
    dissect(Decoder(), view_of(test.packet.bytes(), link_type_of(test.link_type)));
  }
}

TEST(LinkTypes, GiveVlanAndMacAddresses) {
  const DecodedPacket dsa = decode(zeros(ipv4().front({0xe0, 0x0a, 0x60, 7, 8, 0}), 12), LinkType::kDsaTag);
  ASSERT_EQ(dsa.vlan_count, 1) << "a DSA tag that says so stands for a VLAN tag";
  EXPECT_EQ(dsa.vlan_ids[0], 7);
  EXPECT_EQ(dsa.ethernet_offset, 0);
  EXPECT_EQ(decode(zeros(ipv4().front({0xc0, 0x0a, 0, 7, 8, 0}), 12), LinkType::kDsaTag).vlan_count, 0);

  const DecodedPacket trunk = decode(isl(ipv4().vlan(9, 0x0800).ethernet(0x8100)));
  ASSERT_EQ(trunk.vlan_count, 2);
  EXPECT_EQ(trunk.vlan_ids[0], 5);
  EXPECT_EQ(trunk.vlan_ids[1], 9);
  EXPECT_EQ(trunk.ethernet_offset, 26) << "the inner frame's";
}

TEST(LinkTypes, NestedBeyondTheHeaderLimitAreTooDeep) {
  PacketBuilder packet = ppi(12, ipv4());
  for (std::size_t count = 0; count < DecodedPacket::kMaxHeaders; ++count) packet = ppi(192, packet);
  EXPECT_EQ(decode(packet, LinkType::kPpi).status, DecodeStatus::kTooDeep);
}

}  // namespace
}  // namespace wireglass
