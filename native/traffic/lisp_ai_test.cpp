#include "traffic/lisp_ai.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/sha256.hpp"
#include "traffic/lisp_control.hpp"
#include "traffic/testing/frame_checker.hpp"
#include "traffic/testing/tshark.hpp"

namespace wireglass {
namespace {

using testing::CheckedFrame;
using testing::FrameChecker;
using testing::Recount;
using testing::TemporaryPcap;

/// One family alone, with what it says of each packet.
struct LispTraffic {
  explicit LispTraffic(std::uint64_t packets, std::uint64_t seed = 1) {
    TrafficProfile profile;
    profile.kind = TrafficProfile::Kind::kLispAi;
    profile.packets = packets;
    auto owned = std::make_unique<LispAiFamily>(seed);
    family = owned.get();
    std::vector<FamilyShare> families;
    families.push_back({std::move(owned), 1});
    generator.emplace(profile, std::move(families), false);
  }
  LispAiFamily* family;
  std::optional<ScriptedGenerator> generator;
};

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(LispTraffic, LedgerEqualsACountOfTheBytes) {
  TrafficProfile profile;
  profile.kind = TrafficProfile::Kind::kLispAi;
  profile.packets = 30'000;
  auto generator = make_generator(profile);
  ASSERT_TRUE(generator.ok());
  Recount counted;
  PacketView packet;
  TimeNs last_ns = -1;
  while (generator.value()->next(packet)) {
    const CheckedFrame frame = FrameChecker::check(packet.bytes());
    ASSERT_EQ(frame.problem, "") << "packet " << generator.value()->ledger().packets;
    ASSERT_GT(packet.timestamp_ns, last_ns);
    ASSERT_LE(packet.original_length, 1514U);
    last_ns = packet.timestamp_ns;
    counted.add(packet, frame);
  }
  const TrafficLedger& ledger = generator.value()->ledger();
  EXPECT_EQ(ledger.to_json(), counted.ledger().to_json());
  EXPECT_EQ(counted.tcp_faults(), 0U);
  EXPECT_EQ(ledger.tcp_retransmissions, 0U);
  EXPECT_GT(ledger.lisp_control_packets, 50U);
  // Two tenants share inner 5-tuples, so there are more biflows than conversations.
  EXPECT_GT(ledger.biflows, ledger.inner_tcp + ledger.inner_udp + 100);
}

TEST(LispTraffic, GoesThroughAllVariantsMixesAndChecksums) {
  LispTraffic traffic(30'000);
  std::set<std::vector<bool>> seen;
  PacketView packet;
  while (traffic.generator->next(packet)) {
    const LispPacket& made = traffic.family->last_packet();
    const LispVariant& variant = made.header.variant;
    EXPECT_FALSE(variant.nonce && variant.map_version);
    EXPECT_FALSE(variant.echo_nonce && !variant.nonce);
    seen.insert({variant.nonce, variant.lsb, variant.echo_nonce, variant.map_version, variant.instance,
                 made.outer_ipv6, made.inner_ipv6, made.has_udp_checksum});
  }
  EXPECT_EQ(seen.size(), 16U * 4 * 2);
}

TEST(LispTraffic, TenantsShareInnerTuplesWhileBothAreAlive) {
  LispTraffic traffic(10'000);
  std::map<std::vector<std::uint64_t>, std::set<std::uint32_t>> tenants;
  PacketView packet;
  while (traffic.generator->next(packet)) {
    const LispPacket& made = traffic.family->last_packet();
    if (!made.header.variant.instance) continue;
    tenants[{made.inner_src.hi, made.inner_src.lo, made.inner_dst.hi, made.inner_dst.lo, made.inner_src_port,
             made.inner_dst_port}]
        .insert(made.header.instance_id);
  }
  std::size_t shared = 0;
  for (const auto& [tuple, ids] : tenants) {
    EXPECT_LE(ids.size(), 2U);
    shared += ids.size() == 2;
  }
  EXPECT_GT(shared, tenants.size() / 2);
}

TEST(LispTraffic, SourcePortFollowsTheInnerFlow) {
  LispTraffic traffic(10'000);
  std::map<std::vector<std::uint64_t>, std::uint16_t> ports;
  std::set<std::uint16_t> distinct;
  PacketView packet;
  while (traffic.generator->next(packet)) {
    const LispPacket& made = traffic.family->last_packet();
    EXPECT_GE(made.outer_src_port, 49'152);
    distinct.insert(made.outer_src_port);
    const auto [known, first] =
        ports.try_emplace({made.inner_src.hi, made.inner_src.lo, made.inner_dst.hi, made.inner_dst.lo,
                           made.inner_src_port, made.inner_dst_port, made.inner_protocol},
                          made.outer_src_port);
    EXPECT_EQ(known->second, made.outer_src_port);
  }
  EXPECT_GT(distinct.size(), ports.size() * 9 / 10);
}

TEST(LispTraffic, RequestsBeginWithTheMetadataHeader) {
  LispTraffic traffic(30'000);
  std::map<std::string, int> workloads;
  int datagrams = 0;
  PacketView packet;
  while (traffic.generator->next(packet)) {
    const CheckedFrame frame = FrameChecker::check(packet.bytes());
    ASSERT_EQ(frame.problem, "");
    const std::string_view payload = text_of(frame.innermost().payload);
    std::string_view body = payload;
    if (payload.starts_with("POST "))
      body = payload.substr(payload.find("\r\n\r\n") + 4);
    else if (frame.innermost().protocol != 17 || !payload.starts_with("{\"model\""))
      continue;
    else
      ++datagrams;
    ASSERT_TRUE(body.starts_with("{\"model\":\"")) << body;
    const std::size_t type = body.find("\",\"workload_type\":\"");
    ASSERT_NE(type, std::string_view::npos);
    ++workloads[std::string(body.substr(type + 19, body.find('"', type + 19) - type - 19))];
  }
  EXPECT_GT(datagrams, 10);
  for (const char* workload : {"chat", "completion", "embedding", "image"})
    EXPECT_GT(workloads[workload], 5) << workload;
  EXPECT_EQ(workloads.size(), 4U);
}

TEST(LispControl, RegistrationsCarryTheRightAuthentication) {
  LispControlFamily family(1);
  FrameScratch scratch;
  int registrations = 0;
  for (int count = 0; count < 32; ++count) {
    Conversation conversation;
    family.plan(conversation, scratch);
    for (std::uint32_t message = 0; message < 2; ++message) {
      std::array<std::byte, 512> buffer{};
      const std::uint32_t bytes = write_lisp_control(conversation, message, buffer);
      EXPECT_EQ(bytes, conversation.messages[message].bytes);
      const LispControlType type = lisp_control_type(conversation, message);
      EXPECT_EQ(std::to_integer<unsigned>(buffer[0]) >> 4, static_cast<unsigned>(type));
      if (type != LispControlType::kMapRegister && type != LispControlType::kMapNotify) continue;
      std::array<std::byte, 16> code;
      std::copy_n(buffer.begin() + 16, 16, code.begin());
      std::fill_n(buffer.begin() + 16, 16, std::byte{});
      const std::string key = "map-server demo key";
      const Sha256Digest digest = hmac_sha256(std::as_bytes(std::span(key)), {buffer.data(), bytes});
      EXPECT_TRUE(std::equal(code.begin(), code.end(), digest.begin()));
      ++registrations;
    }
  }
  EXPECT_EQ(registrations, 32);
}

/// The n-th of the values that tshark puts into one cell.
std::string nth(const std::string& cell, std::size_t number) {
  std::size_t begin = 0;
  for (; number > 0; --number) {
    begin = cell.find(',', begin);
    if (begin == std::string::npos) return "";
    ++begin;
  }
  return cell.substr(begin, cell.find(',', begin) - begin);
}

constexpr const char* kVerifyChecksums =
    "-o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE ";

/// Columns of the comparison, in the order of `kFields`.
const std::vector<std::string> kFields = {"lisp-data.flags.nonce",
                                          "lisp-data.flags.lsb",
                                          "lisp-data.flags.enr",
                                          "lisp-data.flags.mv",
                                          "lisp-data.flags.iid",
                                          "lisp-data.flags.res",
                                          "lisp-data.nonce",
                                          "lisp-data.srcmapver",
                                          "lisp-data.dstmapver",
                                          "lisp-data.iid",
                                          "lisp-data.lsb",
                                          "lisp-data.lsb8",
                                          "ip.src",
                                          "ip.dst",
                                          "ipv6.src",
                                          "ipv6.dst",
                                          "udp.srcport",
                                          "udp.dstport",
                                          "tcp.srcport",
                                          "tcp.dstport",
                                          "udp.checksum",
                                          "udp.checksum.status",
                                          "tcp.checksum.status",
                                          "ip.checksum.status",
                                          "icmp.checksum.status",
                                          "icmpv6.checksum.status",
                                          "_ws.malformed"};
using Row = std::map<std::string, std::string>;

std::uint64_t number_of(const std::string& text) { return text.empty() ? 0 : std::stoull(text, nullptr, 0); }

void expect_header(const LispHeader& made, Row& row) {
  const LispVariant& variant = made.variant;
  EXPECT_EQ(row["lisp-data.flags.nonce"], variant.nonce ? "1" : "0");
  EXPECT_EQ(row["lisp-data.flags.lsb"], variant.lsb ? "1" : "0");
  EXPECT_EQ(row["lisp-data.flags.enr"], variant.echo_nonce ? "1" : "0");
  EXPECT_EQ(row["lisp-data.flags.mv"], variant.map_version ? "1" : "0");
  EXPECT_EQ(row["lisp-data.flags.iid"], variant.instance ? "1" : "0");
  EXPECT_EQ(number_of(row["lisp-data.flags.res"]), 0U);
  EXPECT_EQ(row["lisp-data.nonce"].empty(), !variant.nonce);
  EXPECT_EQ(number_of(row["lisp-data.nonce"]), made.nonce);
  EXPECT_EQ(number_of(row["lisp-data.srcmapver"]), made.src_version);
  EXPECT_EQ(number_of(row["lisp-data.dstmapver"]), made.dst_version);
  EXPECT_EQ(number_of(row["lisp-data.iid"]), made.instance_id);
  const std::string lsb = variant.instance ? row["lisp-data.lsb8"] : row["lisp-data.lsb"];
  if (variant.lsb) {
    EXPECT_EQ(number_of(lsb), made.lsb);
  }
}

void expect_addresses(const LispPacket& made, Row& row) {
  const std::size_t inner = made.outer_ipv6 == made.inner_ipv6 ? 1 : 0;
  const std::string outer_field = made.outer_ipv6 ? "ipv6" : "ip";
  const std::string inner_field = made.inner_ipv6 ? "ipv6" : "ip";
  EXPECT_EQ(nth(row[outer_field + ".src"], 0), made.outer_src.to_string());
  EXPECT_EQ(nth(row[outer_field + ".dst"], 0), made.outer_dst.to_string());
  EXPECT_EQ(nth(row[inner_field + ".src"], inner), made.inner_src.to_string());
  EXPECT_EQ(nth(row[inner_field + ".dst"], inner), made.inner_dst.to_string());
  EXPECT_EQ(nth(row["udp.srcport"], 0), std::to_string(made.outer_src_port));
  EXPECT_EQ(nth(row["udp.dstport"], 0), "4341");
  if (made.inner_protocol == 6) {
    EXPECT_EQ(row["tcp.srcport"], std::to_string(made.inner_src_port));
    EXPECT_EQ(row["tcp.dstport"], std::to_string(made.inner_dst_port));
  } else if (made.inner_protocol == 17) {
    EXPECT_EQ(nth(row["udp.srcport"], 1), std::to_string(made.inner_src_port));
    EXPECT_EQ(nth(row["udp.dstport"], 1), std::to_string(made.inner_dst_port));
  }
}

void expect_checksums(const LispPacket& made, Row& row) {
  const std::string good = "1";
  const std::string outer = nth(row["udp.checksum.status"], 0);
  if (made.has_udp_checksum) {
    EXPECT_EQ(outer, good);
  } else {
    EXPECT_EQ(nth(row["udp.checksum"], 0), "0x0000");
    // 3 is "not present". Wireshark calls zero over IPv6 illegal (4), though RFC 6935 allows it for tunnels.
    EXPECT_EQ(outer, made.outer_ipv6 ? "4" : "3");
  }
  for (std::size_t header = 0; header < (made.outer_ipv6 ? 0U : 1U) + (made.inner_ipv6 ? 0U : 1U); ++header) {
    EXPECT_EQ(nth(row["ip.checksum.status"], header), good);
  }
  if (made.inner_protocol == 6) {
    EXPECT_EQ(row["tcp.checksum.status"], good);
  }
  if (made.inner_protocol == 17) {
    EXPECT_EQ(nth(row["udp.checksum.status"], 1), good);
  }
  if (made.inner_protocol == 1) {
    EXPECT_EQ(row["icmp.checksum.status"], good);
  }
  if (made.inner_protocol == 58) {
    EXPECT_EQ(row["icmpv6.checksum.status"], good);
  }
}

// tshark knows no tenants and would put two of them into one TCP stream, so it must not reassemble here.
TEST(LispTraffic, TsharkReadsEveryFieldAsItWasMade) {
  if (!testing::have_tshark()) GTEST_SKIP() << "tshark is not installed";
  LispTraffic traffic(8'000);
  TemporaryPcap pcap;
  std::vector<LispPacket> made;
  PacketView packet;
  while (traffic.generator->next(packet)) {
    pcap.add(packet);
    made.push_back(traffic.family->last_packet());
  }
  const auto rows = pcap.read(kFields, std::string(kVerifyChecksums) + "-o tcp.desegment_tcp_streams:FALSE");
  ASSERT_FALSE(pcap.failed());
  ASSERT_EQ(rows.size(), made.size());
  for (std::size_t number = 0; number < rows.size(); ++number) {
    SCOPED_TRACE("packet " + std::to_string(number + 1));
    ASSERT_EQ(rows[number].size(), kFields.size());
    Row row;
    for (std::size_t field = 0; field < kFields.size(); ++field) row[kFields[field]] = rows[number][field];
    EXPECT_EQ(row["_ws.malformed"], "");
    expect_header(made[number].header, row);
    expect_addresses(made[number], row);
    expect_checksums(made[number], row);
    if (::testing::Test::HasFailure()) break;
  }
}

// With each pair of tenants apart, tshark follows every stream: no fault in TCP, whole requests and answers
// in HTTP.
TEST(LispTraffic, TsharkFollowsEachTenantsStreams) {
  if (!testing::have_tshark()) GTEST_SKIP() << "tshark is not installed";
  const std::set<std::uint32_t> second_tenants = {2002, 0xfedcba, 43, 0xffffff};
  for (const bool second : {false, true}) {
    LispTraffic traffic(8'000);
    TemporaryPcap pcap;
    std::size_t requests = 0;
    PacketView packet;
    while (traffic.generator->next(packet)) {
      if (second_tenants.contains(traffic.family->last_packet().header.instance_id) != second) continue;
      pcap.add(packet);
      requests += text_of(FrameChecker::check(packet.bytes()).innermost().payload).starts_with("POST ");
    }
    const auto faults =
        pcap.read({"frame.number", "_ws.col.Info"}, "-Y '_ws.malformed || tcp.analysis.flags'");
    ASSERT_FALSE(pcap.failed());
    EXPECT_TRUE(faults.empty()) << faults.size() << " packets, first " << faults[0][0] << ": "
                                << faults[0][1];
    const auto seen = pcap.read({"http.request.uri"}, "-Y http.request -d tcp.port==8000,http");
    EXPECT_GT(requests, 20U);
    // A request cut off by the end of the trace is not shown.
    EXPECT_LE(seen.size(), requests);
    EXPECT_GE(seen.size() + 5, requests);
  }
}

TEST(LispControl, TsharkReadsTheControlPlane) {
  if (!testing::have_tshark()) GTEST_SKIP() << "tshark is not installed";
  TrafficProfile profile;
  profile.kind = TrafficProfile::Kind::kLispAi;
  profile.packets = 20'000;
  auto generator = make_generator(profile);
  ASSERT_TRUE(generator.ok());
  TemporaryPcap pcap;
  PacketView packet;
  while (generator.value()->next(packet)) {
    if (FrameChecker::check(packet.bytes()).lisp_control) pcap.add(packet);
  }
  const auto rows = pcap.read({"lisp.type", "lisp.nonce", "lisp.records", "udp.checksum.status",
                               "_ws.malformed", "_ws.expert.message", "lisp.authlen", "udp.stream"},
                              kVerifyChecksums);
  ASSERT_FALSE(pcap.failed());
  EXPECT_EQ(rows.size(), generator.value()->ledger().lisp_control_packets);
  std::map<std::string, int> types;
  std::map<std::string, std::set<std::string>> nonces;
  for (const auto& row : rows) {
    ++types[row[0]];
    nonces[row[7]].insert(row[1]);
    EXPECT_EQ(row[2], "1");
    EXPECT_EQ(row[3], "1");
    EXPECT_EQ(row[4] + row[5], "");
    EXPECT_EQ(row[6], row[0] == "3" || row[0] == "4" ? "16" : "");
  }
  EXPECT_EQ(types.size(), 4U);
  for (const auto& [stream, values] : nonces) EXPECT_EQ(values.size(), 1U) << "an answer returns the nonce";
}

}  // namespace
}  // namespace wireglass
