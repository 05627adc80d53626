#include "decode/dissection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

#include "decode/testing/decode_helpers.hpp"
#include "decode/testing/dissection_helpers.hpp"

namespace wireglass {
namespace {

using testing::dissected;
using ::testing::ElementsAre;
using testing::expect_values;
using testing::field;
using testing::header;
using testing::Headers;
using testing::names;
using testing::PacketBuilder;
using testing::value;
using testing::view_of;

TEST(Dissection, ShowsEveryHeaderThenPayloadAndTrailer) {
  const Headers headers = dissected(
      PacketBuilder(3).tcp(443, 50000, 0x12).ipv4(6).vlan(0x6007, 0x0800).ethernet(0x8100).trailer(2));
  EXPECT_THAT(names(headers), ElementsAre("ethernet", "vlan", "ipv4", "tcp", "payload", "trailer"));
  expect_values(
      headers[0],
      {{"dst_mac", "02:00:00:00:00:02"}, {"src_mac", "02:00:00:00:00:01"}, {"ethertype", "0x8100"}});
  expect_values(headers[1],
                {{"priority", "3"}, {"drop_eligible", "0"}, {"vlan_id", "7"}, {"ethertype", "0x0800"}});
  expect_values(headers[2], {{"version", "4"},
                             {"header_length", "5"},
                             {"total_length", "43"},
                             {"identification", "0xbeef"},
                             {"flag_more_fragments", "0"},
                             {"fragment_offset", "0"},
                             {"time_to_live", "64"},
                             {"protocol", "6"},
                             {"src_addr", "192.0.2.1"},
                             {"dst_addr", "198.51.100.2"}});
  expect_values(headers[3], {{"src_port", "443"},
                             {"dst_port", "50000"},
                             {"sequence_number", "287454020"},
                             {"acknowledgment_number", "7"},
                             {"data_offset", "5"},
                             {"flags", "0x12"},
                             {"flag_syn", "1"},
                             {"flag_ack", "1"},
                             {"flag_fin", "0"},
                             {"window", "8192"},
                             {"checksum", "0xabcd"}});
  const DissectedField* port = field(headers[3], "dst_port");
  ASSERT_NE(port, nullptr);
  EXPECT_EQ(port->offset, 14U + 4 + 20 + 2);
  EXPECT_EQ(port->length, 2U);
  EXPECT_EQ(headers[4].offset, 58U);
  EXPECT_EQ(headers[4].length, 3U);
  EXPECT_EQ(headers[5].offset, 61U);
  EXPECT_EQ(headers[5].length, 2U);
}

TEST(Dissection, ShowsIpv6ExtensionHeadersAsTheirOwn) {
  const Headers headers = dissected(
      PacketBuilder(3).udp(1, 2).authentication_header(17).ipv6_fragment(51, 0).extension(44, 1).ipv6(0),
      LinkType::kRaw);
  EXPECT_THAT(names(headers), ElementsAre("ipv6", "ipv6_hop_by_hop", "ipv6_fragment", "authentication_header",
                                          "udp", "payload"));
  expect_values(headers[0], {{"src_addr", "2001:db8::1"}, {"next_header", "0"}, {"hop_limit", "64"}});
  EXPECT_EQ(headers[1].length, 16U);
  expect_values(headers[2],
                {{"next_header", "51"}, {"fragment_offset", "0"}, {"identification", "0x00000009"}});
  expect_values(headers[3], {{"spi", "0x00000100"}, {"sequence_number", "1"}});
}

TEST(Dissection, ShowsTcpOptions) {
  PacketBuilder packet =
      PacketBuilder().front({2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8, 1, 3, 3, 7});
  packet.tcp(1, 2, 2).set8(12, 0xa0).ipv4(6);
  expect_values(header(dissected(packet, LinkType::kRaw), "tcp"), {{"maximum_segment_size", "1460"},
                                                                   {"sack_permitted", "1"},
                                                                   {"timestamp_value", "9"},
                                                                   {"timestamp_echo_reply", "8"},
                                                                   {"window_scale", "7"}});
}

TEST(Dissection, ShowsWhatWasCapturedOfACutHeader) {
  const PacketBuilder packet = PacketBuilder(3).tcp(443, 50000, 0x12).ipv4(6);
  PacketView view = view_of(std::span(packet.bytes()).first(26), LinkType::kRaw);
  view.original_length = packet.size();
  const Headers headers = dissect(Decoder(), view);
  EXPECT_THAT(names(headers), ElementsAre("ipv4", "tcp", "payload"));
  EXPECT_EQ(value(headers[1], "dst_port"), "50000");
  EXPECT_EQ(field(headers[1], "sequence_number"), nullptr);
}

TEST(Dissection, ShowsAFrameOfAnotherProtocolAsPayload) {
  EXPECT_THAT(names(dissected(PacketBuilder(28).ethernet(0x0806))), ElementsAre("ethernet", "payload"));
  EXPECT_THAT(names(dissected(PacketBuilder(28), link_type_of(147))), ElementsAre("payload"));
  EXPECT_TRUE(dissected(PacketBuilder(), LinkType::kRaw).empty());
}

TEST(Dissection, ShowsMappedAddressesAsTheirHeaderHasThem) {
  PacketBuilder packet = PacketBuilder().ipv6(59);
  for (const unsigned at : {8U, 9U, 10U, 11U}) packet.set8(at, 0);
  packet.set16(18, 0xffff).set16(20, 0xc000).set16(22, 0x0201);
  EXPECT_EQ(value(dissected(packet, LinkType::kRaw)[0], "src_addr"), "::ffff:192.0.2.1");
}

PacketBuilder lisp(std::initializer_list<unsigned> lisp_header) {
  return PacketBuilder(2).udp(1, 2).ipv4(17).front(lisp_header).udp(61000, 4341).ipv4(17);
}

TEST(Dissection, ShowsLispFlagsAndWhatTheySay) {
  const Headers nonce = dissected(lisp({0xe0, 0x12, 0x34, 0x56, 0x00, 0x00, 0x00, 0x81}), LinkType::kRaw);
  EXPECT_THAT(names(nonce), ElementsAre("ipv4", "udp", "lisp", "ipv4", "udp", "payload"));
  expect_values(nonce[2], {{"flag_nonce", "1"},
                           {"flag_lsb", "1"},
                           {"flag_echo_nonce", "1"},
                           {"flag_map_version", "0"},
                           {"flag_instance_id", "0"},
                           {"flag_next_protocol", "0"},
                           {"key_id", "0"},
                           {"nonce", "0x123456"},
                           {"locator_status_bits", "0x00000081"},
                           {"instance_id", "(absent)"},
                           {"source_map_version", "(absent)"}});
  const Headers version = dissected(lisp({0x58, 0x12, 0x34, 0x56, 0x00, 0x01, 0x02, 0x81}), LinkType::kRaw);
  expect_values(version[2], {{"flag_map_version", "1"},
                             {"source_map_version", "291"},
                             {"dest_map_version", "1110"},
                             {"instance_id", "258"},
                             {"locator_status_bits", "0x81"},
                             {"nonce", "(absent)"}});
  EXPECT_EQ(version[2].length, 8U);
  const Headers gpe = dissected(lisp({0x94, 0x12, 0x34, 0x01, 0, 0, 0, 0}), LinkType::kRaw);
  expect_values(gpe[2], {{"flag_next_protocol", "1"}, {"next_protocol", "1"}, {"nonce", "0x1234"}});
  const Headers gpe_version = dissected(lisp({0x14, 0x12, 0x34, 0x01, 0, 0, 0, 0}), LinkType::kRaw);
  expect_values(gpe_version[2], {{"source_map_version", "18"}, {"dest_map_version", "52"}});
}

TEST(Dissection, ShowsAnEncapsulatedControlMessageWithinItsOwn) {
  PacketBuilder request = PacketBuilder()
                              .front({0, 24, 0, 1, 203, 0, 113, 0})  // what is asked for
                              .front({0, 1, 198, 51, 100, 1})        // ITR-RLOC
                              .front({0, 1, 192, 0, 2, 9})           // source EID
                              .front({0x12, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8})
                              .udp(4342, 4342)
                              .ipv4(17)
                              .front({0x84, 0, 0, 0})
                              .udp(61000, 4342)
                              .ipv4(17);
  const Headers headers = dissected(request, LinkType::kRaw);
  EXPECT_THAT(names(headers), ElementsAre("ipv4", "udp", "lisp_control", "ipv4", "udp", "lisp_control"));
  expect_values(headers[2],
                {{"type", "8"}, {"type_name", "encapsulated_control_message"}, {"flag_ddt_originated", "1"}});
  expect_values(headers[5], {{"type", "1"},
                             {"type_name", "map_request"},
                             {"flag_probe", "1"},
                             {"nonce", "0x0102030405060708"},
                             {"itr_rloc_count", "0"},
                             {"record_count", "1"},
                             {"source_eid", "192.0.2.9"},
                             {"itr_rloc_1", "198.51.100.1"},
                             {"record_1_eid_prefix", "203.0.113.0/24"}});
}

TEST(Dissection, ShowsMappingRecordsOfARegistration) {
  PacketBuilder packet =
      PacketBuilder()
          .front({1, 100, 255, 0, 0, 5, 0, 1, 198, 51, 100, 1})  // locator
          .front({0, 0, 5, 160, 1, 32, 0x10, 0, 0, 3, 0, 1, 192, 0, 2, 9})
          .front({0x30, 0, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 0, 4, 0xde, 0xad, 0xbe, 0xef})
          .udp(4342, 4342)
          .ipv4(17);
  expect_values(header(dissected(packet, LinkType::kRaw), "lisp_control"),
                {{"type_name", "map_register"},
                 {"record_count", "1"},
                 {"flag_want_map_notify", "1"},
                 {"nonce", "0x0102030405060708"},
                 {"algorithm_id", "1"},
                 {"authentication_data", "deadbeef"},
                 {"record_1_ttl", "1440"},
                 {"record_1_map_version", "3"},
                 {"record_1_flag_authoritative", "1"},
                 {"record_1_eid_prefix", "192.0.2.9/32"},
                 {"record_1_locator_1", "198.51.100.1"},
                 {"record_1_locator_1_weight", "100"},
                 {"record_1_locator_1_flag_local", "1"},
                 {"record_1_locator_1_flag_reachable", "1"}});
}

// A message that claims more than it holds, or that wraps itself, ends where its bytes do.
TEST(Dissection, EndsWithTheBytesOfAControlMessage) {
  for (const unsigned type : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U, 15U}) {
    for (unsigned size = 0; size < 64; ++size) {
      PacketBuilder packet(size);
      packet.front({type << 4 | 15, 0xff, 0xff, 0xff}).udp(4342, 4342).ipv4(17).trailer(40);
      const Headers headers = dissected(packet, LinkType::kRaw);
      const DissectedHeader& message = header(headers, "lisp_control");
      EXPECT_EQ(message.offset, 28U);
      EXPECT_LE(message.offset + message.length, packet.size() - 40U) << "the trailer is no part of it";
    }
  }
  PacketBuilder nested(8);
  for (int depth = 0; depth < 50; ++depth) nested.front({0x80, 0, 0, 0}).udp(4342, 4342).ipv4(17);
  EXPECT_EQ(names(dissected(nested, LinkType::kRaw)).size(), 7U) << "two levels and a payload";
}

}  // namespace
}  // namespace wireglass
