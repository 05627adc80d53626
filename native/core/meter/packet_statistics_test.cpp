// Sizes, gaps and header fields of a record's packets, against a model that keeps all of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "meter/testing/digests.hpp"

namespace wireglass {
namespace {

using testing::digest_of;
using testing::MeterUnderTest;
using testing::TestPacket;

PacketDigest digest(const TestPacket& packet, std::uint8_t ttl, std::uint8_t dscp) {
  PacketDigest made = digest_of(packet);
  made.ttl = ttl;
  made.dscp = dscp;
  return made;
}

struct Side {
  std::uint32_t bytes_min, bytes_max, ttl_min, ttl_max, dscp_min, dscp_max, gap_min, gap_mean, gap_max;

  friend bool operator==(const Side&, const Side&) = default;
};

Side forward_of(const FlowRecord& r) {
  return {r.packet_bytes_min, r.packet_bytes_max, r.ttl_min,     r.ttl_max,   r.dscp_min,
          r.dscp_max,         r.gap_min_us,       r.gap_mean_us, r.gap_max_us};
}

Side reverse_of(const FlowRecord& r) {
  return {r.rev_packet_bytes_min, r.rev_packet_bytes_max, r.rev_ttl_min,     r.rev_ttl_max,   r.rev_dscp_min,
          r.rev_dscp_max,         r.rev_gap_min_us,       r.rev_gap_mean_us, r.rev_gap_max_us};
}

/// The same by the definitions of the fields.
Side expected_of(const std::vector<PacketDigest>& packets) {
  if (packets.empty()) return {};
  const auto range = [&](auto value) {
    std::vector<std::uint32_t> values;
    for (const PacketDigest& packet : packets) values.push_back(value(packet));
    return std::pair(*std::min_element(values.begin(), values.end()),
                     *std::max_element(values.begin(), values.end()));
  };
  const auto bytes = range([](const PacketDigest& p) { return std::min(p.ip_bytes, 65'535U); });
  const auto ttl = range([](const PacketDigest& p) { return std::uint32_t{p.ttl}; });
  const auto dscp = range([](const PacketDigest& p) { return std::uint32_t{p.dscp}; });
  std::vector<std::int64_t> gaps;
  std::int64_t first = packets[0].timestamp_ns / 1'000;
  std::int64_t latest = first;
  for (std::size_t i = 1; i < packets.size(); ++i) {
    const std::int64_t at = packets[i].timestamp_ns / 1'000;
    gaps.push_back(std::max<std::int64_t>(at - latest, 0));
    first = std::min(first, at);
    latest = std::max(latest, at);
  }
  Side side{bytes.first, bytes.second, ttl.first, ttl.second, dscp.first, dscp.second, 0, 0, 0};
  if (gaps.empty()) return side;
  side.gap_min = static_cast<std::uint32_t>(*std::min_element(gaps.begin(), gaps.end()));
  side.gap_max = static_cast<std::uint32_t>(*std::max_element(gaps.begin(), gaps.end()));
  side.gap_mean = static_cast<std::uint32_t>((latest - first) / static_cast<std::int64_t>(gaps.size()));
  return side;
}

TEST(PacketStatistics, EqualTheirDefinitionsOnRandomPackets) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    MeterUnderTest meter;
    std::vector<PacketDigest> forward;
    std::vector<PacketDigest> reverse;
    TimeNs now = 0;
    for (std::uint32_t serial = random() % 40 + 1; serial > 0; --serial) {
      now += random() % kSecondNs;
      const TimeNs late = random() % 4 == 0 ? random() % (2 * kSecondNs) : 0;
      const bool from_b = meter.counters().packets.value() > 0 && random() % 2 == 0;
      const PacketDigest made = digest({.at_ns = std::max<TimeNs>(now - late, 0),
                                        .from_b = from_b,
                                        .ip_bytes = static_cast<std::uint32_t>(random() % 70'000)},
                                       static_cast<std::uint8_t>(60 + random() % 5), random() % 64);
      (from_b ? reverse : forward).push_back(made);
      meter.meter_digest(made);
    }
    meter.flush();
    ASSERT_EQ(meter.records().size(), 1U);
    EXPECT_EQ(forward_of(meter.records()[0]), expected_of(forward)) << "seed " << seed;
    EXPECT_EQ(reverse_of(meter.records()[0]), expected_of(reverse)) << "seed " << seed;
  }
}

TEST(PacketStatistics, StartAnewWithEachRecord) {
  MeterConfig config;
  config.active_timeouts = 5 * kSecondNs;
  MeterUnderTest meter(config);
  meter.meter_digest(digest({.at_ns = 0, .ip_bytes = 9'000}, 1, 2));
  meter.meter_digest(digest({.at_ns = 6 * kSecondNs, .ip_bytes = 100}, 64, 46));
  meter.flush();
  ASSERT_EQ(meter.records().size(), 2U);
  EXPECT_EQ(forward_of(meter.records()[1]), (Side{100, 100, 64, 64, 46, 46, 0, 0, 0}));
}

TEST(ProtocolTimeouts, EachClassHasItsOwn) {
  MeterConfig config;
  config.active_timeouts = 1'000 * kSecondNs;
  config.idle_timeouts.tcp_ns = 300 * kSecondNs;
  config.idle_timeouts.udp_ns = 30 * kSecondNs;
  config.idle_timeouts.icmp_ns = 5 * kSecondNs;
  config.idle_timeouts.other_ns = 60 * kSecondNs;
  const std::vector<std::pair<std::uint8_t, TimeNs>> limits = {{6, 300 * kSecondNs},
                                                               {17, 30 * kSecondNs},
                                                               {1, 5 * kSecondNs},
                                                               {58, 5 * kSecondNs},
                                                               {47, 60 * kSecondNs}};
  for (const auto& [protocol, limit] : limits) {
    for (const bool beyond : {false, true}) {
      MeterUnderTest meter(config);
      PacketDigest made = digest_of({.tcp_flags = 0});
      made.key.protocol = protocol;
      meter.meter_digest(made);
      made.timestamp_ns += limit + (beyond ? 1 : 0);
      meter.meter_digest(made);
      EXPECT_EQ(meter.counters().flows_created.value(), beyond ? 2U : 1U) << int{protocol};
      meter.flush();
      EXPECT_EQ(meter.counters().records_by_reason[static_cast<std::size_t>(EndReason::kIdleTimeout)].value(),
                beyond ? 1U : 0U);
    }
  }
}

}  // namespace
}  // namespace wireglass
