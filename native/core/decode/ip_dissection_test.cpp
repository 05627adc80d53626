// What dissect() shows of headers that IP carries directly.
#include <gtest/gtest.h>

#include "decode/testing/dissection_helpers.hpp"
#include "decode/testing/tunnel_cases.hpp"

namespace wireglass {
namespace {

using namespace testing;

constexpr unsigned kGre = 47;

PacketBuilder over_gre(PacketBuilder inside, std::initializer_list<unsigned> header) {
  return behind(std::move(inside), header).ipv4(kGre);
}

TEST(IpDissection, ShowsGre) {
  const PacketBuilder ppp = behind(inner_ipv4(), {0xff, 3, 0, 0x21});
  const unsigned frame_bytes = inner_ethernet().size();
  expect_dissections({{"checksum, key, sequence",
                       over_gre(inner_ipv4(), {0xb0, 0, 8, 0, 0x12, 0x34, 0, 0, 0, 0, 0, 42, 0, 0, 0, 7}),
                       "ipv4 gre ipv4 tcp payload",
                       "gre",
                       16,
                       {{"flag_checksum", "1"},
                        {"flag_routing", "0"},
                        {"flag_key", "1"},
                        {"flag_sequence", "1"},
                        {"version", "0"},
                        {"protocol_type", "0x0800"},
                        {"checksum", "0x1234"},
                        {"key", "42"},
                        {"sequence_number", "7"}}},
                      {"bare",
                       over_gre(inner_ipv6(), {0, 0, 0x86, 0xdd}),
                       "ipv4 gre ipv6 tcp payload",
                       "gre",
                       4,
                       {{"flag_key", "0"},
                        {"protocol_type", "0x86dd"},
                        {"key", "(absent)"},
                        {"sequence_number", "(absent)"}}},
                      {"pptp",
                       over_gre(ppp, {0x30, 0x81, 0x88, 0x0b, 0, 64, 0, 77, 0, 0, 0, 5, 0, 0, 0, 4}),
                       "ipv4 gre ppp ipv4 tcp payload",
                       "gre",
                       16,
                       {{"version", "1"},
                        {"payload_length", "64"},
                        {"call_id", "77"},
                        {"key", "(absent)"},
                        {"sequence_number", "5"},
                        {"acknowledgment_number", "4"}}},
                      {"ethernet over ip",
                       over_gre(inner_ethernet(), {0x20, 1, 0x64, 0, 0, frame_bytes, 0x19, 1}),
                       "ipv4 gre ethernet ipv4 tcp payload",
                       "gre",
                       8,
                       {{"payload_length", std::to_string(frame_bytes)}, {"tunnel_id", "281"}}},
                      {"wccp",
                       over_gre(inner_ipv4(), {0, 0, 0x88, 0x3e, 0xc0, 9, 2, 3}),
                       "ipv4 gre wccp_redirect ipv4 tcp payload",
                       "wccp_redirect",
                       4,
                       {{"flag_dynamic_service", "1"},
                        {"flag_alternative_bucket", "1"},
                        {"service_id", "9"},
                        {"alternative_bucket", "2"},
                        {"primary_bucket", "3"}}}},
                     LinkType::kRaw);
}

TEST(IpDissection, ShowsErspan) {
  const std::string names = "ipv4 gre erspan ethernet ipv4 tcp payload";
  expect_dissections(
      {{"type II",
        over_gre(inner_ethernet(), {0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x11, 0x23, 0xa4, 0x2a, 0, 1, 2, 3}),
        names,
        "erspan",
        8,
        {{"version", "1"},
         {"vlan_id", "291"},
         {"class_of_service", "5"},
         {"flag_truncated", "1"},
         {"session_id", "42"},
         {"port_index", "66051"}}},
       {"type III with platform header",
        over_gre(inner_ethernet(), {0x10, 0, 0x22, 0xeb, 0, 0,    0, 1, 0x21, 0x23, 0xa4, 0x2a, 0, 0,
                                    1,    0, 0,    9,    0, 0x5d, 1, 2, 3,    4,    5,    6,    7, 8}),
        names,
        "erspan",
        20,
        {{"version", "2"},
         {"session_id", "42"},
         {"timestamp", "256"},
         {"security_group_tag", "9"},
         {"frame_type", "0"},
         {"hardware_id", "5"},
         {"direction", "1"},
         {"granularity", "2"},
         {"flag_platform_header", "1"},
         {"platform_specific", "0102030405060708"}}},
       {"type I has no header",
        over_gre(inner_ethernet(), {0, 0, 0x88, 0xbe}),
        "ipv4 gre ethernet ipv4 tcp payload",
        "gre",
        4,
        {{"protocol_type", "0x88be"}}}},
      LinkType::kRaw);
}

TEST(IpDissection, ShowsTunnelsOfProtocolNumbers) {
  const std::initializer_list<unsigned> segments = {4, 2, 4, 0, 0, 0, 0, 0, 0x20, 1, 0xd, 0xb8,
                                                    0, 0, 0, 0, 0, 0, 0, 0, 0,    0, 0,   2};
  expect_dissections({{"etherip",
                       behind(inner_ethernet(), {0x30, 0}).ipv4(97),
                       "ipv4 ether_ip ethernet ipv4 tcp payload",
                       "ether_ip",
                       2,
                       {{"version", "3"}}},
                      {"pim register",
                       behind(inner_ipv4(), {0x21, 0, 0xde, 0xff, 0x80, 0, 0, 0}).ipv4(103),
                       "ipv4 pim ipv4 tcp payload",
                       "pim",
                       8,
                       {{"version", "2"},
                        {"type", "1"},
                        {"checksum", "0xdeff"},
                        {"flag_border", "1"},
                        {"flag_null_register", "0"}}},
                      {"srv6",
                       behind(inner_ipv4(), segments).ipv6(43),
                       "ipv6 ipv6_routing ipv4 tcp payload",
                       "ipv6_routing",
                       24,
                       {{"next_header", "4"},
                        {"header_extension_length", "2"},
                        {"routing_type", "4"},
                        {"segments_left", "0"},
                        {"type_specific_data", "0000000020010db8000000000000000000000002"}}}},
                     LinkType::kRaw);
}

TEST(IpDissection, ShowsIpsec) {
  expect_dissections({{"ah",
                       PacketBuilder(20).tcp(1000, 2000, 0x18).authentication_header(6).ipv4(51),
                       "ipv4 authentication_header tcp payload",
                       "authentication_header",
                       24,
                       {{"next_header", "6"},
                        {"spi", "0x00000100"},
                        {"sequence_number", "1"},
                        {"integrity_check_value", "0102030405060708090a0b0c"}}},
                      {"esp",
                       PacketBuilder(24).front({0, 0, 1, 2, 0, 0, 0, 9}).ipv4(50),
                       "ipv4 esp payload",
                       "esp",
                       8,
                       {{"spi", "0x00000102"}, {"sequence_number", "9"}}},
                      {"ipcomp",
                       PacketBuilder(24).front({4, 0, 0x12, 0x34}).ipv4(108),
                       "ipv4 ip_comp payload",
                       "ip_comp",
                       4,
                       {{"next_header", "4"}, {"flags", "0x00"}, {"compression_parameter_index", "4660"}}}},
                     LinkType::kRaw);
}

TEST(IpDissection, ShowsIcmp) {
  const PacketBuilder quoted = PacketBuilder(0).udp(1000, 53).ipv4(17);
  const std::initializer_list<unsigned> solicitation = {135, 0, 0x12, 0x34, 0, 0, 0, 0, 0x20, 1, 0xd, 0xb8,
                                                        0,   0, 0,    0,    0, 0, 0, 0, 0,    0, 0,   9};
  expect_dissections({{"echo",
                       PacketBuilder(8).front({8, 0, 0x12, 0x34, 0xab, 0xcd, 0, 7}).ipv4(1),
                       "ipv4 icmp payload",
                       "icmp",
                       8,
                       {{"type", "8"},
                        {"code", "0"},
                        {"checksum", "0x1234"},
                        {"identifier", "0xabcd"},
                        {"sequence_number", "7"}}},
                      {"fragmentation needed",
                       behind(quoted, {3, 4, 0, 0, 0, 0, 5, 0xdc}).ipv4(1),
                       "ipv4 icmp payload",
                       "icmp",
                       8,
                       {{"type", "3"}, {"code", "4"}, {"next_hop_mtu", "1500"}}},
                      {"redirect",
                       behind(quoted, {5, 1, 0, 0, 192, 0, 2, 9}).ipv4(1),
                       "ipv4 icmp payload",
                       "icmp",
                       8,
                       {{"gateway_addr", "192.0.2.9"}}},
                      {"echo over ipv6",
                       PacketBuilder(8).front({128, 0, 0x12, 0x34, 0xab, 0xcd, 0, 7}).ipv6(58),
                       "ipv6 icmpv6 payload",
                       "icmpv6",
                       8,
                       {{"type", "128"}, {"identifier", "0xabcd"}, {"sequence_number", "7"}}},
                      {"packet too big",
                       behind(inner_ipv6(), {2, 0, 0, 0, 0, 0, 5, 0}).ipv6(58),
                       "ipv6 icmpv6 payload",
                       "icmpv6",
                       8,
                       {{"type", "2"}, {"mtu", "1280"}}},
                      {"neighbor solicitation",
                       PacketBuilder(0).front(solicitation).ipv6(58),
                       "ipv6 icmpv6",
                       "icmpv6",
                       24,
                       {{"type", "135"}, {"target_addr", "2001:db8::9"}}}},
                     LinkType::kRaw);
}

}  // namespace
}  // namespace wireglass
