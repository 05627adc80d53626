// What dissect() shows of headers between Ethernet and IP.
#include <gtest/gtest.h>

#include "decode/testing/dissection_helpers.hpp"
#include "decode/testing/tunnel_cases.hpp"

namespace wireglass {
namespace {

using namespace testing;

PacketBuilder ip_behind(std::initializer_list<unsigned> header, unsigned ethertype) {
  return behind(inner_ipv4(), header).ethernet(ethertype);
}
PacketBuilder frame_behind(std::initializer_list<unsigned> header, unsigned ethertype) {
  return behind(inner_ethernet(), header).ethernet(ethertype);
}

TEST(ServiceDissection, ShowsPppoeAndVlans) {
  const PacketBuilder ppp = behind(inner_ipv4(), {0, 0x21});
  const PacketBuilder session = behind(ppp, {0x11, 0, 0x12, 0x34, 0, 62}).ethernet(0x8864).trailer(3);
  expect_dissections(
      {{"session",
        session,
        "ethernet pppoe ppp ipv4 tcp payload trailer",
        "pppoe",
        6,
        {{"version", "1"}, {"type", "1"}, {"code", "0x00"}, {"session_id", "0x1234"}, {"length", "62"}}},
       {"ppp", session, "ethernet pppoe ppp ipv4 tcp payload trailer", "ppp", 2, {{"protocol", "0x0021"}}},
       {"service vlan",
        ip_behind({0xb1, 0x23, 0x08, 0}, 0x88a8),
        "ethernet vlan ipv4 tcp payload",
        "vlan",
        4,
        {{"priority", "5"}, {"drop_eligible", "1"}, {"vlan_id", "291"}}}},
      LinkType::kEthernet);
}

TEST(ServiceDissection, ShowsMplsAndPseudowires) {
  expect_dissections(
      {{"stack",
        ip_behind({0, 6, 0x4a, 64, 0, 0x0c, 0x81, 63}, 0x8847),
        "ethernet mpls mpls ipv4 tcp payload",
        "mpls",
        4,
        {{"label", "100"}, {"traffic_class", "5"}, {"bottom_of_stack", "0"}, {"time_to_live", "64"}}},
       {"control word",
        frame_behind({0, 6, 0x41, 64, 0x05, 0xc5, 0x12, 0x34}, 0x8847),
        "ethernet mpls pseudowire_control_word ethernet ipv4 tcp payload",
        "pseudowire_control_word",
        4,
        {{"flags", "5"}, {"fragmentation", "3"}, {"length", "5"}, {"sequence_number", "4660"}}},
       {"associated channel",
        ip_behind({0, 6, 0x41, 64, 0x10, 0, 0, 0x21}, 0x8847),
        "ethernet mpls mpls_associated_channel ipv4 tcp payload",
        "mpls_associated_channel",
        4,
        {{"version", "0"}, {"channel_type", "0x0021"}}}},
      LinkType::kEthernet);
}

TEST(ServiceDissection, ShowsNshAndBackboneServices) {
  expect_dissections({{"nsh with context",
                       frame_behind({0x2f, 0xc3, 2, 3, 0, 1, 2, 254, 1, 2, 3, 4}, 0x894f),
                       "ethernet nsh ethernet ipv4 tcp payload",
                       "nsh",
                       12,
                       {{"version", "0"},
                        {"flag_oam", "1"},
                        {"time_to_live", "63"},
                        {"length", "3"},
                        {"metadata_type", "2"},
                        {"next_protocol", "3"},
                        {"service_path_id", "258"},
                        {"service_index", "254"},
                        {"context", "01020304"}}},
                      {"pbb",
                       frame_behind({0xb8, 0x12, 0x34, 0x56}, 0x88e7),
                       "ethernet pbb ethernet ipv4 tcp payload",
                       "pbb",
                       4,
                       {{"priority", "5"},
                        {"drop_eligible", "1"},
                        {"use_customer_address", "1"},
                        {"service_id", "1193046"}}}},
                     LinkType::kEthernet);
}

TEST(ServiceDissection, ShowsMacsec) {
  const std::string names = "ethernet macsec ipv4 tcp payload";
  expect_dissections({{"with channel identifier",
                       ip_behind({0x21, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 1, 0, 1, 8, 0}, 0x88e5),
                       names,
                       "macsec",
                       16,
                       {{"version", "0"},
                        {"flag_end_station", "0"},
                        {"flag_channel_identifier", "1"},
                        {"flag_encrypted", "0"},
                        {"association_number", "1"},
                        {"short_length", "0"},
                        {"packet_number", "9"},
                        {"channel_identifier", "0200000000010001"}}},
                      {"without",
                       ip_behind({0x43, 0, 0, 0, 1, 0, 8, 0}, 0x88e5),
                       names,
                       "macsec",
                       8,
                       {{"flag_end_station", "1"},
                        {"association_number", "3"},
                        {"packet_number", "256"},
                        {"channel_identifier", "(absent)"}}},
                      {"encrypted",
                       ip_behind({0x0c, 0, 0, 0, 0, 9}, 0x88e5),
                       "ethernet macsec payload",
                       "macsec",
                       6,
                       {{"flag_encrypted", "1"}, {"flag_changed_text", "1"}, {"packet_number", "9"}}}},
                     LinkType::kEthernet);
}

TEST(ServiceDissection, ShowsTagsOfSwitches) {
  const auto behind_ethernet = [](const std::string& tag) { return "ethernet " + tag + " ipv4 tcp payload"; };
  expect_dissections(
      {{"vn tag",
        ip_behind({0xc1, 0x23, 0x94, 0x56, 8, 0}, 0x8926),
        behind_ethernet("vn_tag"),
        "vn_tag",
        6,
        {{"direction", "1"},
         {"pointer", "1"},
         {"destination", "291"},
         {"looped", "1"},
         {"version", "1"},
         {"source", "1110"}}},
       {"e-tag",
        ip_behind({0xb1, 0x23, 0x24, 0x56, 7, 8, 8, 0}, 0x893f),
        behind_ethernet("e_tag"),
        "e_tag",
        8,
        {{"priority", "5"},
         {"drop_eligible", "1"},
         {"ingress_e_cid_base", "291"},
         {"group", "2"},
         {"e_cid_base", "1110"},
         {"ingress_e_cid_extension", "7"},
         {"e_cid_extension", "8"}}},
       {"redundancy tag",
        ip_behind({0, 0, 0x12, 0x34, 8, 0}, 0xf1c1),
        behind_ethernet("r_tag"),
        "r_tag",
        6,
        {{"sequence_number", "4660"}}},
       {"hsr",
        ip_behind({0xa0, 0x42, 0x12, 0x34, 8, 0}, 0x892f),
        behind_ethernet("hsr_tag"),
        "hsr_tag",
        6,
        {{"path", "10"}, {"size", "66"}, {"sequence_number", "4660"}}},
       {"cisco metadata",
        ip_behind({1, 1, 0, 1, 0, 9, 8, 0}, 0x8909),
        behind_ethernet("cisco_metadata"),
        "cisco_metadata",
        8,
        {{"version", "1"}, {"length", "1"}, {"options", "0x0001"}, {"security_group_tag", "9"}}},
       {"arista",
        ip_behind({0, 1, 1, 0x21, 1, 2, 3, 4, 5, 6, 8, 0}, 0xd28b),
        behind_ethernet("arista_timestamp"),
        "arista_timestamp",
        12,
        {{"subtype", "1"},
         {"timescale", "1"},
         {"format", "2"},
         {"hardware", "1"},
         {"timestamp", "0x010203040506"}}}},
      LinkType::kEthernet);
}

TEST(ServiceDissection, ShowsFabrics) {
  expect_dissections({{"fabric path",
                       frame_behind({0x12, 0x3f}, 0x8903),
                       "ethernet fabric_path ethernet ipv4 tcp payload",
                       "fabric_path",
                       2,
                       {{"forwarding_tag", "72"}, {"time_to_live", "63"}}},
                      {"trill with options",
                       frame_behind({0x08, 0x7f, 1, 2, 3, 4, 1, 2, 3, 4}, 0x22f3),
                       "ethernet trill ethernet ipv4 tcp payload",
                       "trill",
                       10,
                       {{"version", "0"},
                        {"flag_multi_destination", "1"},
                        {"options_length", "1"},
                        {"hop_count", "63"},
                        {"egress_nickname", "0x0102"},
                        {"ingress_nickname", "0x0304"},
                        {"options", "01020304"}}}},
                     LinkType::kEthernet);
}

}  // namespace
}  // namespace wireglass
