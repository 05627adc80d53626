// Tunnelled traffic: one ledger, every kind, and frames that another decoder reads without complaint.

#include "traffic/tunnels.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "traffic/testing/tshark.hpp"
#include "traffic/tunnel_headers.hpp"

namespace wireglass {
namespace {

TrafficProfile tunnels_profile(std::uint64_t packets, std::uint64_t flows) {
  TrafficProfile profile;
  profile.kind = TrafficProfile::Kind::kTunnels;
  profile.packets = packets;
  profile.flows = flows;
  profile.ipv6_percent = 40;
  profile.zipf = 0.5;
  return profile;
}

std::unique_ptr<TrafficGenerator> make(const TrafficProfile& profile) {
  auto generator = make_generator(profile);
  EXPECT_TRUE(generator.ok());
  return std::move(generator.value());
}

TEST(TunnelTraffic, TheLedgerSumsUpOverTunnelsAndFrames) {
  const auto generator = make(tunnels_profile(20'000, 6'000));
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
  for (PacketView packet; generator->next(packet); ++frames) {
    bytes += packet.original_length;
    ASSERT_EQ(packet.captured_length, packet.original_length);
  }
  const TrafficLedger& ledger = generator->ledger();
  TunnelLedger sum;
  for (const TunnelLedger& tunnel : ledger.tunnels) {
    sum.packets += tunnel.packets;
    sum.ip_bytes += tunnel.ip_bytes;
    sum.biflows += tunnel.biflows;
  }
  EXPECT_EQ(ledger.packets, frames);
  EXPECT_EQ(ledger.bytes, bytes);
  EXPECT_EQ(sum.packets, ledger.packets);
  EXPECT_EQ(sum.ip_bytes, ledger.ip_bytes);
  EXPECT_EQ(sum.biflows, ledger.biflows);
  EXPECT_EQ(ledger.biflows, 3'000U);
  EXPECT_GT(ledger.vlan_packets, 0U);
  for (const TunnelKind& kind : tunnel_kinds()) {
    EXPECT_GT(ledger.tunnels[static_cast<std::size_t>(kind.overlay)].packets, 0U)
        << kOverlayNames[static_cast<std::size_t>(kind.overlay)];
  }
}

// Payload is random, so that what tshark would make of it by its port alone stays out.
TEST(TunnelTraffic, TsharkFindsEveryKindOfTunnelAndNothingMalformed) {
  if (!testing::have_tshark()) GTEST_SKIP() << "tshark is not installed";
  const auto generator = make(tunnels_profile(6'000, 2'000));
  testing::TemporaryPcap pcap;
  for (PacketView packet; generator->next(packet);) pcap.add(packet);
  std::string options;
  for (const char* application : {"dns", "http", "http2", "imap", "mysql", "pgsql", "quic", "resp", "rtcp",
                                  "rtp", "smtp", "ssh", "stun", "tls"}) {
    options += std::string(" --disable-protocol ") + application;
  }
  const auto rows = pcap.read({"frame.protocols", "_ws.malformed", "_ws.col.Info"}, options);
  ASSERT_FALSE(pcap.failed());
  EXPECT_EQ(rows.size(), 6'000U);
  std::string protocols;
  for (const auto& row : rows) {
    protocols += row[0] + ":\n";
    EXPECT_EQ(row[1], "") << row[0] << " " << row[2];
  }
  for (const char* way : {"eth:ethertype:ip:tcp",
                          "ieee8021ad:ethertype:vlan:ethertype:ip:",
                          "pppoes:ppp:ip:",
                          "pppoes:ppp:ipv6:",
                          "mpls:ip:",
                          "mpls:ipv6:",
                          "pwethcw:eth:",
                          "vxlan:eth:",
                          "geneve:eth:",
                          "geneve:ip:",
                          "gtp:ip:",
                          "gtp:ipv6:",
                          "lisp-data:ip:",
                          "lisp-data:ipv6:",
                          "teredo:ipv6:",
                          "l2tp:ppp:ip:",
                          "gre:ip:",
                          "gre:eth:",
                          "erspan:eth:",
                          "ip:ip:",
                          "ipv6:ip:",
                          "ip:ipv6:",
                          "ipv6:ipv6:",
                          "etherip:eth:",
                          "ipv6.routing:ip:",
                          "ipv6.routing:ipv6:",
                          "nsh:eth:",
                          "nsh:ip:",
                          "nsh:ipv6:"}) {
    EXPECT_NE(protocols.find(way), std::string::npos) << way;
  }
}

}  // namespace
}  // namespace wireglass
