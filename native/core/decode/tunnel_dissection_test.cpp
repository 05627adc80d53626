#include <gmock/gmock.h>

#include "decode/testing/dissection_helpers.hpp"
#include "decode/testing/tunnel_cases.hpp"

namespace wireglass {
namespace {

using namespace testing;
using ::testing::ElementsAre;

constexpr std::size_t kTunnel = 2;  // behind IPv4 and UDP

Headers over(PacketBuilder tunnel, unsigned port) {
  return dissected(over_udp(std::move(tunnel), port), LinkType::kRaw);
}

TEST(TunnelDissection, ShowsVxlan) {
  const Headers plain = over(behind(inner_ethernet(), {0x08, 0, 0, 0, 0, 0, 42, 0}), 4789);
  EXPECT_THAT(names(plain), ElementsAre("ipv4", "udp", "vxlan", "ethernet", "ipv4", "tcp", "payload"));
  expect_values(
      plain[kTunnel],
      {{"flag_vni", "1"}, {"flag_group_policy", "0"}, {"vni", "42"}, {"group_policy_id", "(absent)"}});
  EXPECT_EQ(plain[kTunnel].length, 8U);
  const Headers policy = over(behind(inner_ethernet(), {0x88, 0x48, 0x12, 0x34, 0, 0, 42, 0}), 4789);
  expect_values(policy[kTunnel],
                {{"flag_dont_learn", "1"}, {"flag_policy_applied", "1"}, {"group_policy_id", "4660"}});
}

TEST(TunnelDissection, ShowsVxlanGpe) {
  const Headers headers = over(behind(inner_ipv4(), {0x0d, 0, 0, 1, 0, 0, 42, 0}), 4790);
  EXPECT_THAT(names(headers), ElementsAre("ipv4", "udp", "vxlan_gpe", "ipv4", "tcp", "payload"));
  expect_values(headers[kTunnel], {{"version", "0"},
                                   {"flag_vni", "1"},
                                   {"flag_next_protocol", "1"},
                                   {"flag_bum_traffic", "0"},
                                   {"flag_oam", "1"},
                                   {"next_protocol", "1"},
                                   {"vni", "42"}});
}

TEST(TunnelDissection, ShowsGue) {
  const Headers headers = over(behind(inner_ipv4(), {1, 4, 0x80, 0, 0xde, 0xad, 0xbe, 0xef}), 6080);
  EXPECT_THAT(names(headers), ElementsAre("ipv4", "udp", "gue", "ipv4", "tcp", "payload"));
  expect_values(headers[kTunnel], {{"variant", "0"},
                                   {"flag_control", "0"},
                                   {"header_length", "1"},
                                   {"protocol", "4"},
                                   {"flags", "0x8000"}});
  EXPECT_EQ(headers[kTunnel].length, 8U);
}

TEST(TunnelDissection, ShowsTzspInUdp) {
  const Headers headers = over(behind(inner_ethernet(), {1, 0, 0, 1, 0x0a, 1, 0xc4, 1}), 37008);
  EXPECT_THAT(names(headers), ElementsAre("ipv4", "udp", "tzsp", "ethernet", "ipv4", "tcp", "payload"));
  expect_values(headers[kTunnel], {{"version", "1"}, {"type", "0"}, {"encapsulation", "1"}});
  EXPECT_EQ(headers[kTunnel].length, 8U);
}

TEST(TunnelDissection, ShowsSctpInUdp) {
  const PacketBuilder heartbeat =
      behind(PacketBuilder(4), {3, 232, 7, 208, 1, 2, 3, 4, 5, 6, 7, 8, 4, 0, 0, 8});
  const Headers headers = over(heartbeat, 9899);
  EXPECT_THAT(names(headers), ElementsAre("ipv4", "udp", "sctp", "payload"));
  expect_values(headers[kTunnel], {{"src_port", "1000"},
                                   {"dst_port", "2000"},
                                   {"verification_tag", "0x01020304"},
                                   {"chunk_type", "4"},
                                   {"chunk_length", "8"}});
}

TEST(TunnelDissection, ShowsGeneveWithOptions) {
  const Headers headers = over(
      behind(inner_ipv4(), {3, 0x40, 8, 0, 0, 0, 42, 0, 1, 2, 0x83, 1, 0xde, 0xad, 0xbe, 0xef, 0, 7, 4, 0}),
      6081);
  EXPECT_THAT(names(headers), ElementsAre("ipv4", "udp", "geneve", "ipv4", "tcp", "payload"));
  expect_values(headers[kTunnel], {{"options_length", "3"},
                                   {"flag_control", "0"},
                                   {"flag_critical_options", "1"},
                                   {"protocol_type", "0x0800"},
                                   {"vni", "42"},
                                   {"option_258_131", "01028301deadbeef"},
                                   {"option_7_4", "00070400"}});
  EXPECT_EQ(headers[kTunnel].length, 20U);
}

TEST(TunnelDissection, ShowsGtpUWithExtensionHeaders) {
  const Headers headers =
      over(behind(inner_ipv4(), {0x36, 255, 0, 68, 0, 0, 0, 7, 0, 5, 0, 0x85, 1, 0x10, 9, 0}), 2152);
  EXPECT_THAT(names(headers), ElementsAre("ipv4", "udp", "gtp_u", "ipv4", "tcp", "payload"));
  expect_values(headers[kTunnel], {{"version", "1"},
                                   {"protocol_type", "1"},
                                   {"flag_extension_header", "1"},
                                   {"message_type", "255"},
                                   {"length", "68"},
                                   {"teid", "0x00000007"},
                                   {"sequence_number", "5"},
                                   {"n_pdu_number", "(absent)"},
                                   {"next_extension_header_type", "0x85"},
                                   {"extension_133", "01100900"}});
  EXPECT_EQ(headers[kTunnel].length, 16U);
  const Headers echo = over(behind(PacketBuilder(2), {0x32, 1, 0, 6, 0, 0, 0, 0, 0, 5, 0, 0}), 2152);
  EXPECT_THAT(names(echo), ElementsAre("ipv4", "udp", "gtp_u", "payload"));
}

TEST(TunnelDissection, ShowsTeredoIndications) {
  const Headers headers = over(behind(behind(inner_ipv6(), {0, 0, 0xee, 0xdd, 0x3f, 0xff, 0xfd, 0xfe}),
                                      {0, 1, 1, 2, 'i', 'k', 'y', 1, 2, 3, 4, 5, 6, 7, 8, 1}),
                               3544);
  EXPECT_THAT(names(headers), ElementsAre("ipv4", "udp", "teredo", "ipv6", "tcp", "payload"));
  expect_values(headers[kTunnel], {{"client_identifier", "69"},
                                   {"authentication_value", "6b79"},
                                   {"nonce", "0x0102030405060708"},
                                   {"confirmation", "1"},
                                   {"origin_port", "4386"},
                                   {"origin_addr", "192.0.2.1"}});
  EXPECT_THAT(names(over(inner_ipv6(), 3544)), ElementsAre("ipv4", "udp", "ipv6", "tcp", "payload"))
      << "a packet without indications has no header of Teredo's";
}

TEST(TunnelDissection, ShowsCapwapWithASwappedFrame) {
  const PacketBuilder frame = behind(inner_ipv4().llc_snap(0x0800), {0x11, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                                                     0,    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  const Headers headers = over(behind(frame, {0, 0x10, 0x43, 0, 0, 9, 0, 0}), 5247);
  EXPECT_THAT(names(headers),
              ElementsAre("ipv4", "udp", "capwap", "ieee80211", "llc", "ipv4", "tcp", "payload"));
  expect_values(headers[kTunnel], {{"header_length", "2"},
                                   {"radio_id", "1"},
                                   {"wireless_binding", "1"},
                                   {"flag_native_frame", "1"},
                                   {"fragment_id", "9"}});
  expect_values(headers[kTunnel + 1], {{"type", "2"}, {"subtype", "0"}, {"to_ds", "1"}, {"from_ds", "0"}});
}

TEST(TunnelDissection, ShowsAyiya) {
  const Headers headers =
      over(behind(inner_ipv6(), {0x11, 0x12, 0x11, 41, 0, 0, 1, 0, 0xaa, 0xbb, 1, 2, 3, 4}), 5072);
  EXPECT_THAT(names(headers), ElementsAre("ipv4", "udp", "ayiya", "ipv6", "tcp", "payload"));
  expect_values(headers[kTunnel], {{"identity_type", "1"},
                                   {"hash_method", "2"},
                                   {"authentication_method", "1"},
                                   {"operation_code", "1"},
                                   {"next_header", "41"},
                                   {"epoch", "256"},
                                   {"identity", "aabb"},
                                   {"signature", "01020304"}});
}

TEST(TunnelDissection, ShowsL2tp) {
  const PacketBuilder ppp = behind(inner_ipv4(), {0xff, 3, 0, 0x21});
  const Headers headers = over(behind(ppp, {0x4a, 2, 0, 79, 0, 5, 0, 6, 0, 1, 0, 2, 0, 1, 9}), 1701);
  EXPECT_THAT(names(headers), ElementsAre("ipv4", "udp", "l2tp", "ppp", "ipv4", "tcp", "payload"));
  expect_values(headers[kTunnel], {{"flag_control", "0"},
                                   {"version", "2"},
                                   {"flag_length", "1"},
                                   {"flag_sequence", "1"},
                                   {"flag_offset", "1"},
                                   {"flag_priority", "0"},
                                   {"length", "79"},
                                   {"tunnel_id", "5"},
                                   {"session_id", "6"},
                                   {"ns", "1"},
                                   {"nr", "2"},
                                   {"offset_size", "1"}});
  EXPECT_EQ(headers[kTunnel].length, 15U);
  const Headers third = over(behind(inner_ethernet(), {0, 3, 0, 0, 0, 0, 0, 7}), 1701);
  expect_values(third[kTunnel], {{"version", "3"}, {"session_id", "0x00000007"}});
  const Headers ip = dissected(behind(inner_ethernet(), {0, 0, 0, 7}).ipv4(115), LinkType::kRaw);
  EXPECT_THAT(names(ip), ElementsAre("ipv4", "l2tp", "ethernet", "ipv4", "tcp", "payload"));
  expect_values(ip[1], {{"session_id", "0x00000007"}});
}

}  // namespace
}  // namespace wireglass
