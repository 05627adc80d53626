#include "filter/packet_filter.hpp"

#include <gtest/gtest.h>

#include <string>

#include "decode/testing/decode_helpers.hpp"

namespace wireglass {
namespace {

using testing::PacketBuilder;

constexpr unsigned kTcp = 6;
constexpr unsigned kUdp = 17;
constexpr unsigned kIpv4Type = 0x0800;

// 192.0.2.1 and 198.51.100.2, 2001:db8::1 and 2001:db8::2, as PacketBuilder has them.
const std::string kSource4 = "00000000000000000000ffffc0000201";
const std::string kDestination4 = "00000000000000000000ffffc6336402";
const std::string kSource6 = "20010db8000000000000000000000001";
const std::string kIpv4First = "00000000000000000000ffff00000000";
const std::string kIpv4Last = "00000000000000000000ffffffffffff";

PacketBuilder tcp_frame() { return PacketBuilder(20).tcp(1000, 443, 0x12).ipv4(kTcp).ethernet(kIpv4Type); }
PacketBuilder udp6_frame() { return PacketBuilder(20).udp(5000, 53).ipv6(kUdp).ethernet(0x86dd); }
PacketBuilder tagged_frame() {
  return PacketBuilder(20).tcp(1000, 443, 2).ipv4(kTcp).vlan(7, kIpv4Type).vlan(42, 0x8100).ethernet(0x88a8);
}
/// TCP in VXLAN (VNI 5001): Ethernet, IPv4, UDP 61000 to 4789 around an Ethernet frame in IPv6.
PacketBuilder vxlan_frame() {
  return PacketBuilder(20)
      .tcp(1000, 2000, 0x18)
      .ipv6(kTcp)
      .front({2, 9, 9, 9, 9, 2, 2, 9, 9, 9, 9, 1, 0x86, 0xdd})
      .front({8, 0, 0, 0, 0, 0x13, 0x89, 0})
      .udp(61000, 4789)
      .ipv4(kUdp)
      .ethernet(kIpv4Type);
}
/// 10.0.0.1 asks for 10.0.0.2.
PacketBuilder arp_frame() {
  return PacketBuilder()
      .front({0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2})
      .ethernet(0x0806);
}

bool matches(const std::string& body, const PacketBuilder& builder) {
  const Result<PacketFilter> filter = PacketFilter::compile("packet_filter_1 " + body);
  EXPECT_TRUE(filter.ok()) << body << ": " << (filter.ok() ? "" : filter.error().message);
  if (!filter.ok()) return false;
  PacketView view = testing::view_of(builder.bytes());
  view.timestamp_ns = 1'700'000'000'000'000'001;
  const DecodedPacket decoded = testing::decode(view);
  return filter.value().matches({view, decoded, "Uplink-1"});
}

std::string range(const std::string& first, const std::string& last) { return first + ' ' + last; }

TEST(PacketFilter, EmptyFilterPassesEverything) {
  const PacketBuilder builder = arp_frame();
  const PacketView view = testing::view_of(builder.bytes());
  const DecodedPacket decoded = testing::decode(view);
  EXPECT_TRUE(PacketFilter().matches({view, decoded, ""}));
  EXPECT_TRUE(PacketFilter().passes_all());
}

TEST(PacketFilter, AddressesAreThoseOfTheSideThatIsAsked) {
  EXPECT_TRUE(matches("address inner src " + range(kSource4, kSource4), tcp_frame()));
  EXPECT_FALSE(matches("address inner dst " + range(kSource4, kSource4), tcp_frame()));
  EXPECT_TRUE(matches("address inner any " + range(kDestination4, kDestination4), tcp_frame()));
  EXPECT_TRUE(matches("address inner any " + range(kSource6, kSource6), udp6_frame()));
  EXPECT_FALSE(matches("address inner any " + range(kIpv4First, kIpv4Last), udp6_frame()));
}

TEST(PacketFilter, AddressesOfArpAreItsSenderAndTarget) {
  const std::string sender = "00000000000000000000ffff0a000001";
  const std::string target = "00000000000000000000ffff0a000002";
  EXPECT_TRUE(matches("address inner src " + range(sender, sender), arp_frame()));
  EXPECT_TRUE(matches("address outer dst " + range(target, target), arp_frame()));
  EXPECT_FALSE(matches("address inner dst " + range(sender, sender), arp_frame()));
  EXPECT_TRUE(matches("address inner any " + range(sender, sender),
                      PacketBuilder().front(arp_frame().bytes()).set16(12, 0x8035)))
      << "RARP";
  EXPECT_FALSE(matches("address inner any " + range(sender, sender), arp_frame().set8(18, 8)))
      << "hardware addresses of 8 octets";
  EXPECT_FALSE(matches("range inner src_addr = " + range(sender, sender), arp_frame()))
      << "the field is that of an IP header";
}

TEST(PacketFilter, PortsAreWithinTheRange) {
  EXPECT_TRUE(matches("port inner dst 443 443", tcp_frame()));
  EXPECT_FALSE(matches("port inner src 443 443", tcp_frame()));
  EXPECT_TRUE(matches("port inner any 999 1000", tcp_frame()));
  EXPECT_FALSE(matches("port inner any 1001 65535", tcp_frame()));
  EXPECT_FALSE(matches("port inner any 0 65535", arp_frame())) << "no IP header";
}

TEST(PacketFilter, LaterFragmentsHavePortZero) {
  const PacketBuilder fragment = PacketBuilder(20).tcp(1000, 443, 2).ipv4(kTcp, 100).ethernet(kIpv4Type);
  EXPECT_FALSE(matches("port inner any 1 65535", fragment));
  EXPECT_TRUE(matches("port inner any 0 0", fragment));
  EXPECT_TRUE(matches("protocol inner 6", fragment));
}

TEST(PacketFilter, ProtocolAndVersionAreOfTheHeaderThatIsAsked) {
  EXPECT_TRUE(matches("protocol inner 6", vxlan_frame()));
  EXPECT_TRUE(matches("protocol outer 17", vxlan_frame()));
  EXPECT_TRUE(matches("ip_version inner 6", vxlan_frame()));
  EXPECT_TRUE(matches("ip_version outer 4", vxlan_frame()));
  EXPECT_FALSE(matches("ip_version inner 4", arp_frame()));
  EXPECT_TRUE(matches("port inner dst 2000 2000", vxlan_frame()));
  EXPECT_TRUE(matches("port outer dst 4789 4789", vxlan_frame()));
  EXPECT_TRUE(matches("address inner src " + range(kSource6, kSource6), vxlan_frame()));
  EXPECT_TRUE(matches("address outer src " + range(kSource4, kSource4), vxlan_frame()));
}

struct NumberCase {
  const char* condition;
  PacketBuilder frame;
};

TEST(PacketFilter, NumbersAreReadFromTheirHeaders) {
  const std::vector<NumberCase> cases = {
      {"inner time_ns = 1700000000000000001", arp_frame()},
      {"inner captured_length = 42", arp_frame()},
      {"inner original_length >= 42", arp_frame()},
      {"inner decode_status = 1", arp_frame()},
      {"inner vlan_id = 42", tagged_frame()},
      {"inner customer_vlan_id = 7", tagged_frame()},
      {"inner vlan_id = 0", tcp_frame()},
      {"inner inner_vlan_id = 0", tagged_frame()},
      {"inner overlay = 2", vxlan_frame()},
      {"inner overlay = 0", arp_frame()},
      {"inner tenant_id = 5001", vxlan_frame()},
      {"inner teid = 0", vxlan_frame()},
      {"inner src_port = 1000", tcp_frame()},
      {"outer dst_port = 4789", vxlan_frame()},
      {"inner protocol != 17", vxlan_frame()},
      {"inner bytes = 60", tcp_frame()},
      {"inner bytes = 80", vxlan_frame()},
      {"outer bytes = 130", vxlan_frame()},
      {"inner ttl = 64", tcp_frame()},
      {"inner dscp < 1", tcp_frame()},
      {"inner src_mac = 2199023255553", tcp_frame()},
      {"inner dst_mac = 2199023255554", tcp_frame()},
      {"outer src_mac = 2199023255553", vxlan_frame()},
      {"inner tcp_flags = 18", tcp_frame()},
      {"inner tcp_flags = 0", udp6_frame()},
      {"inner icmp_type_code = 0", udp6_frame()},
      {"inner icmp_type_code = 2048", PacketBuilder(8).front({8, 0, 0, 0}).ipv4(1).ethernet(kIpv4Type)},
  };
  for (const NumberCase& test : cases) {
    EXPECT_TRUE(matches(std::string("number ") + test.condition, test.frame)) << test.condition;
    EXPECT_FALSE(matches(std::string("not number ") + test.condition, test.frame)) << test.condition;
  }
  EXPECT_FALSE(matches("number inner src_mac = 2199023255553", vxlan_frame())) << "the inner frame's";
}

TEST(PacketFilter, NoComparisonHoldsForAHeaderThatIsNotThere) {
  for (const char* comparison : {"=", "<", "<=", ">", ">="}) {
    EXPECT_FALSE(matches(std::string("number inner ttl ") + comparison + " 0", arp_frame())) << comparison;
    EXPECT_FALSE(matches(std::string("range inner src_addr ") + comparison + ' ' + range(kSource4, kSource4),
                         arp_frame()))
        << comparison;
  }
  EXPECT_TRUE(matches("number inner ttl != 0", arp_frame()));
  EXPECT_TRUE(matches("range inner src_addr != " + range(kSource4, kSource4), arp_frame()));
}

TEST(PacketFilter, RangesAndTunnelEnds) {
  EXPECT_TRUE(matches("range inner src_addr = " + range(kIpv4First, kIpv4Last), tcp_frame()));
  EXPECT_TRUE(matches("range inner src_addr != " + range(kIpv4First, kIpv4Last), vxlan_frame()));
  EXPECT_TRUE(matches("range outer src_addr = " + range(kSource4, kSource4), vxlan_frame()));
  EXPECT_TRUE(matches("range inner outer_src_addr = " + range(kSource4, kSource4), vxlan_frame()));
  EXPECT_TRUE(matches("range inner outer_dst_addr > " + range(kSource4, kSource4), vxlan_frame()));
  const std::string none(32, '0');
  EXPECT_TRUE(matches("range inner outer_dst_addr = " + range(none, none), tcp_frame()));
}

TEST(PacketFilter, TextsAreComparedLikeThoseOfFlows) {
  const std::string upper = "55706c696e6b2d31";  // Uplink-1
  const std::string lower = "75706c696e6b2d31";
  EXPECT_TRUE(matches("text inner interface equals " + upper, tcp_frame()));
  EXPECT_FALSE(matches("text inner interface equals " + lower, tcp_frame()));
  EXPECT_TRUE(matches("text inner interface same " + lower, tcp_frame()));
  EXPECT_TRUE(matches("text inner interface begins 75504c", tcp_frame()));
  EXPECT_TRUE(matches("text inner interface ends 2d31", tcp_frame()));
  EXPECT_FALSE(matches("text inner interface ends 2d32", tcp_frame()));
  EXPECT_TRUE(matches("text inner interface contains 4c49", tcp_frame()));
  EXPECT_TRUE(matches("text inner interface contains -", tcp_frame()));
  EXPECT_FALSE(matches("text inner interface contains 7878", tcp_frame()));
}

TEST(PacketFilter, JoinsFollowTheirTruthTables) {
  const std::string yes = "protocol inner 6";
  const std::string no = "protocol inner 17";
  for (unsigned bits = 0; bits < 8; ++bits) {
    const auto operand = [&](unsigned place) { return (bits >> place & 1) != 0 ? yes : no; };
    const std::string three = operand(0) + ' ' + operand(1) + ' ' + operand(2);
    EXPECT_EQ(matches("and 3 " + three, tcp_frame()), bits == 7) << bits;
    EXPECT_EQ(matches("or 3 " + three, tcp_frame()), bits != 0) << bits;
    EXPECT_EQ(matches("not and 3 " + three, tcp_frame()), bits != 7) << bits;
    EXPECT_EQ(matches("and 2 or 2 " + operand(0) + ' ' + operand(1) + " not " + operand(2), tcp_frame()),
              (bits & 3) != 0 && (bits & 4) == 0)
        << bits;
  }
}

struct RefusedCase {
  const char* program;
  const char* reason;
};

TEST(PacketFilter, RefusesWhatIsNoProgram) {
  const std::vector<RefusedCase> cases = {
      {"", "word 1: expected packet_filter_1, found nothing"},
      {"packet_filter_2 protocol inner 6", "word 1: expected packet_filter_1"},
      {"packet_filter_1", "word 2: expected one of and, or, not"},
      {"packet_filter_1 tcp", "found \"tcp\""},
      {"packet_filter_1 protocol inner 6 6", "word 5: expected the end"},
      {"packet_filter_1 protocol inner 6 ", "word 5: expected the end, found nothing"},
      {"packet_filter_1 protocol  6", "word 3: expected one of inner, outer, found nothing"},
      {"packet_filter_1 protocol inner 256", "word 4: expected a number from 0 to 255"},
      {"packet_filter_1 protocol inner -1", "expected a number from 0 to 255"},
      {"packet_filter_1 ip_version inner 5", "expected one of 4, 6"},
      {"packet_filter_1 port inner any 10 9", "word 6: expected a number from 10 to 65535"},
      {"packet_filter_1 port inner both 1 2", "expected one of src, dst, any"},
      {"packet_filter_1 and 1 protocol inner 6", "word 3: expected a number from 2"},
      {"packet_filter_1 and 2 protocol inner 6", "word 7: expected one of and"},
      {"packet_filter_1 not", "word 3"},
      {"packet_filter_1 number inner bites = 1", "word 4: expected a field of packets that holds a number"},
      {"packet_filter_1 number inner src_addr = 1", "holds a number"},
      {"packet_filter_1 range inner bytes = 1 1", "holds an address"},
      {"packet_filter_1 text inner bytes equals 00", "holds a text"},
      {"packet_filter_1 number outer tcp_flags = 1", "a field that outermost headers have"},
      {"packet_filter_1 number inner bytes ~ 1", "expected one of =, !=, <"},
      {"packet_filter_1 number inner bytes = 9223372036854775808",
       "expected a number from -9223372036854775808"},
      {"packet_filter_1 number inner bytes = 1.5", "word 6"},
      {"packet_filter_1 text inner interface like 00", "expected one of equals"},
      {"packet_filter_1 text inner interface equals 0", "pairs of hexadecimal digits"},
      {"packet_filter_1 text inner interface equals 0g", "pairs of hexadecimal digits"},
      {"packet_filter_1 text inner interface equals", "found nothing"},
      {"packet_filter_1 address inner any 1 1", "32 hexadecimal digits"},
  };
  for (const RefusedCase& test : cases) {
    const Result<PacketFilter> filter = PacketFilter::compile(test.program);
    ASSERT_FALSE(filter.ok()) << test.program;
    EXPECT_EQ(filter.error().code, "bad_argument");
    EXPECT_NE(filter.error().message.find(test.reason), std::string::npos) << filter.error().message;
  }
  EXPECT_FALSE(
      PacketFilter::compile("packet_filter_1 range inner src_addr < " + range(kIpv4First, kIpv4Last)).ok());
  EXPECT_FALSE(
      PacketFilter::compile("packet_filter_1 address inner any " + range(kIpv4Last, kIpv4First)).ok());
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string made;
  for (std::size_t time = 0; time < times; ++time) made += text;
  return made;
}

TEST(PacketFilter, RefusesProgramsThatAreTooLarge) {
  const std::string test = "protocol inner 6";
  const auto deep = [&](std::size_t depth) { return "packet_filter_1 " + repeated("not ", depth) + test; };
  EXPECT_TRUE(PacketFilter::compile(deep(PacketFilter::kMaxDepth - 1)).ok());
  EXPECT_FALSE(PacketFilter::compile(deep(PacketFilter::kMaxDepth)).ok());
  const auto wide = [&](std::size_t count) {
    return "packet_filter_1 and " + std::to_string(count) + repeated(' ' + test, count);
  };
  EXPECT_TRUE(PacketFilter::compile(wide(PacketFilter::kMaxNodes - 1)).ok());
  EXPECT_FALSE(PacketFilter::compile(wide(PacketFilter::kMaxNodes)).ok());
  const auto filter = PacketFilter::compile("packet_filter_1 text inner interface equals " +
                                            std::string(PacketFilter::kMaxProgramBytes, '0'));
  ASSERT_FALSE(filter.ok());
  EXPECT_NE(filter.error().message.find("expected at most 262144"), std::string::npos);
}

}  // namespace
}  // namespace wireglass
