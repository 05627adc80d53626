#include "meter/interval_merger.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <random>
#include <vector>

#include "meter/testing/digests.hpp"

namespace wireglass {
namespace {

using testing::ipv4;

constexpr TimeNs kFirst = 1'700'000'000 * kSecondNs;

IntervalConfig small_config() {
  IntervalConfig config;
  config.top_capacity = 16;
  config.top_count = 5;
  return config;
}

/// A sample with one flow of so many bytes, from one address to another.
IntervalSample sample_of(TimeNs start_ns, std::uint64_t bytes, std::uint32_t src = 1, std::uint32_t dst = 2) {
  IntervalSample sample(small_config(), KeyedHash(src));
  sample.reset(start_ns);
  FlowKey key;
  key.addr_a = ipv4(src);
  key.addr_b = ipv4(dst);
  key.port_b = 443;
  key.protocol = 6;
  sample.add_flow(key, key.tenant_id, false, {{bytes, 0}, {1, 0}});
  sample.at_interface(0).add_key(key, 1, bytes);
  sample.at_interface(0).add_cell(0, {1, bytes});
  return sample;
}

std::vector<IntervalReportPtr> all_of(IntervalMerger& merger) {
  std::vector<IntervalReportPtr> reports;
  while (IntervalReportPtr report = merger.take()) reports.push_back(std::move(report));
  return reports;
}

TEST(IntervalMerger, ReportsAnIntervalOnceAllSourcesAreThroughWithIt) {
  IntervalMerger merger(small_config(), 2);
  merger.add(sample_of(kFirst, 100));
  merger.complete(0, kFirst + kSecondNs);
  EXPECT_EQ(merger.take(), nullptr);
  merger.add(sample_of(kFirst, 40));
  merger.complete(1, kFirst + kSecondNs);
  const auto reports = all_of(merger);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0]->start_ns, kFirst);
  EXPECT_EQ(reports[0]->interfaces.at(0).metered, (TrafficCount{2, 140}));
  EXPECT_FALSE(reports[0]->is_correction);
}

TEST(IntervalMerger, MarksWhatComesAfterAReportOfItsIntervalAsCorrection) {
  IntervalMerger merger(small_config(), 1);
  merger.add(sample_of(kFirst, 100));
  merger.add(sample_of(kFirst + kSecondNs, 100));
  merger.complete(0, kFirst + 2 * kSecondNs);
  EXPECT_EQ(all_of(merger).size(), 2U);
  merger.add(sample_of(kFirst, 7));
  merger.add(sample_of(kFirst + 2 * kSecondNs, 8));
  merger.finish(0);
  const auto reports = all_of(merger);
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_TRUE(reports[0]->is_correction);
  EXPECT_EQ(reports[0]->interfaces.at(0).metered.bytes, 7U);
  EXPECT_FALSE(reports[1]->is_correction);
}

TEST(IntervalMerger, HoldsNoMoreThanItsLimitForASourceThatLagsBehind) {
  IntervalMerger merger(small_config(), 2);
  for (TimeNs second = 0; second < 40; ++second) {
    merger.add(sample_of(kFirst + second * kSecondNs, 1));
    merger.complete(0, kFirst + (second + 1) * kSecondNs);
  }
  const auto forced = all_of(merger);
  ASSERT_EQ(forced.size(), 40 - IntervalMerger::kMaxHeld);
  EXPECT_EQ(forced.front()->start_ns, kFirst);
  merger.finish(0);
  EXPECT_EQ(merger.take(), nullptr);
  merger.finish(1);
  EXPECT_EQ(all_of(merger).size(), IntervalMerger::kMaxHeld);
}

TEST(IntervalMerger, MergedListsHoldTheirBounds) {
  std::mt19937_64 random(5);
  std::map<std::string, std::uint64_t> truth;
  std::uint64_t total = 0;
  IntervalMerger merger(small_config(), 3);
  for (std::uint32_t source = 0; source < 3; ++source) {
    IntervalSample sample(small_config(), KeyedHash(source));
    sample.reset(kFirst);
    for (int flow = 0; flow < 5'000; ++flow) {
      FlowKey key;
      const auto rank = static_cast<std::uint32_t>(random() % (1 + random() % 300));
      key.addr_a = ipv4(0x0a00'0000 + rank);
      key.addr_b = ipv4(0xc0a8'0001);
      const std::uint64_t bytes = 40 + random() % 1'460;
      sample.add_flow(key, key.tenant_id, false, {{bytes, 0}, {1, 0}});
      truth[key.addr_a.to_string()] += bytes;
      total += bytes;
    }
    merger.add(sample);
    merger.finish(source);
  }
  const IntervalReportPtr report = merger.take();
  ASSERT_NE(report, nullptr);
  const TopList& sources = report->top.at(0);
  EXPECT_EQ(sources.dimension, "src_addr");
  ASSERT_EQ(sources.items.size(), 5U);
  std::map<std::string, std::uint64_t> unlisted = truth;
  for (const TopItem& item : sources.items) {
    EXPECT_LE(truth.at(item.value), item.bytes);
    EXPECT_GE(truth.at(item.value), item.bytes - item.error);
    EXPECT_LE(item.error * 16, total);
    unlisted.erase(item.value);
  }
  for (const auto& [value, bytes] : unlisted) EXPECT_LE(bytes, sources.others_at_most) << value;
}

TEST(IntervalReport, NamesWhatItLists) {
  IntervalSample sample(small_config(), KeyedHash(1));
  sample.reset(kFirst);
  FlowKey key;
  key.addr_a = ipv4(0x0a00'0001);
  key.addr_b = ipv4(0x0a00'0002);
  key.port_a = 53;
  key.port_b = 40'000;
  key.protocol = 17;
  key.overlay = Overlay::kVxlan;
  key.tenant_id = 5'001;
  sample.add_flow(key, key.tenant_id, true, {{60, 300}, {1, 2}});
  const IntervalReport report = make_report(sample, small_config());
  ASSERT_EQ(report.top.size(), 5U);
  EXPECT_EQ(report.top[0].items.at(0).value, "10.0.0.1");
  EXPECT_EQ(report.top[0].items.at(0).bytes, 300U);
  EXPECT_EQ(report.top[0].items.at(0).packets, 2U);
  EXPECT_EQ(report.top[1].items.at(0).value, "10.0.0.2");
  EXPECT_EQ(report.top[2].items.at(0).value, "10.0.0.1");
  EXPECT_EQ(report.top[2].items.at(0).peer, "10.0.0.2");
  EXPECT_EQ(report.top[2].items.at(0).bytes, 360U);
  EXPECT_EQ(report.top[3].items.at(0).value, "udp/53");
  EXPECT_EQ(report.top[4].items.at(0).value, "vxlan/5001");
  for (const TopList& list : report.top) EXPECT_EQ(list.others_at_most, 0U);
  key.protocol = 1;
  key.port_a = key.port_b = 0;
  sample.reset(kFirst);
  sample.add_flow(key, key.tenant_id, false, {{84, 84}, {1, 1}});
  EXPECT_EQ(make_report(sample, small_config()).top[3].items.at(0).value, "icmp");
}

}  // namespace
}  // namespace wireglass
