#include "meter/space_saving.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace wireglass {
namespace {

using Sketch = SpaceSaving<1>;
using Stream = std::vector<std::pair<std::uint64_t, Exchange>>;
using Truth = std::map<std::uint64_t, Exchange>;

constexpr std::uint32_t kCapacity = 32;

Exchange exchange(std::uint64_t forward, std::uint64_t reverse = 0) {
  return {{forward, reverse}, {forward > 0 ? 1U : 0U, reverse > 0 ? 1U : 0U}};
}

Truth truth_of(const Stream& stream) {
  Truth truth;
  for (const auto& [key, amount] : stream) truth[key].add(amount);
  return truth;
}

Sketch sketch_of(const Stream& stream, std::uint64_t hash_seed = 7, std::uint32_t capacity = kCapacity) {
  Sketch sketch(capacity, KeyedHash(hash_seed));
  for (const auto& [key, amount] : stream) sketch.add({key}, amount);
  return sketch;
}

/// All that SpaceSaving promises, against the exact sums.
void expect_bounds(const Sketch& sketch, const Truth& truth) {
  std::uint64_t total = 0;
  for (const auto& [key, amount] : truth) total += amount.total_bytes();
  EXPECT_EQ(sketch.total_bytes(), total);
  EXPECT_LE(sketch.items().size(), 2 * sketch.capacity());
  EXPECT_LE(sketch.floor() * sketch.capacity(), total);
  std::map<std::uint64_t, Sketch::Item> items;
  for (const Sketch::Item& item : sketch.items()) {
    EXPECT_TRUE(items.emplace(item.key[0], item).second) << "two items of key " << item.key[0];
  }
  for (const auto& [key, amount] : truth) {
    const auto found = items.find(key);
    if (found == items.end()) {
      EXPECT_LE(amount.total_bytes(), sketch.floor()) << "missing key " << key;
      continue;
    }
    const Sketch::Item& item = found->second;
    EXPECT_LE(item.error, sketch.floor());
    EXPECT_LE(item.counted.total_bytes(), amount.total_bytes());
    EXPECT_GE(item.upper(), amount.total_bytes());
    for (std::size_t way = 0; way < 2; ++way) {
      EXPECT_LE(item.counted.bytes[way], amount.bytes[way]);
      EXPECT_GE(item.counted.bytes[way] + item.error, amount.bytes[way]);
      EXPECT_LE(item.counted.packets[way], amount.packets[way]);
      if (item.error == 0) {
        EXPECT_EQ(item.counted.packets[way], amount.packets[way]);
      }
    }
    items.erase(found);
  }
  EXPECT_TRUE(items.empty()) << "an item whose key never came";
}

Stream zipf_stream(double exponent, std::uint64_t keys, std::size_t length, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<double> weights;
  for (std::uint64_t rank = 1; rank <= keys; ++rank) {
    weights.push_back(std::pow(static_cast<double>(rank), -exponent));
  }
  std::discrete_distribution<std::uint64_t> draw(weights.begin(), weights.end());
  Stream stream;
  for (std::size_t serial = 0; serial < length; ++serial) {
    stream.emplace_back(draw(random),
                        exchange(40 + random() % 1'460, random() % 3 == 0 ? random() % 9'000 : 0));
  }
  return stream;
}

Stream all_distinct_stream() {
  Stream stream;
  for (std::uint64_t key = 0; key < 20'000; ++key) stream.emplace_back(key, exchange(100));
  return stream;
}

/// The classic worst case: one key at a time fills the counters just before the next purge throws it out.
Stream churning_stream() {
  Stream stream;
  for (std::uint64_t round = 0; round < 400; ++round) {
    for (std::uint64_t key = 0; key < 2 * kCapacity; ++key) {
      stream.emplace_back(round * 1'000 + key, exchange(key % 2 == 0 ? 1 : 50));
    }
    stream.emplace_back(7, exchange(round % 3));
  }
  return stream;
}

/// Growing weights, so that each newcomer is heavier than all before it together can defend.
Stream rising_stream() {
  Stream stream;
  for (std::uint64_t key = 0; key < 3'000; ++key) stream.emplace_back(key % 1'500, exchange(1 + key * key));
  return stream;
}

std::map<std::string, Stream> streams() {
  std::map<std::string, Stream> all = {{"all distinct", all_distinct_stream()},
                                       {"churning", churning_stream()},
                                       {"rising", rising_stream()},
                                       {"nothing but zeros", {{1, {}}, {2, {}}, {1, {}}}},
                                       {"empty", {}}};
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    all["zipf 0.6, seed " + std::to_string(seed)] = zipf_stream(0.6, 3'000, 20'000, seed);
    all["zipf 1.2, seed " + std::to_string(seed)] = zipf_stream(1.2, 3'000, 20'000, seed);
  }
  return all;
}

TEST(SpaceSaving, HoldsEveryBoundOnEveryStream) {
  for (const auto& [name, stream] : streams()) {
    SCOPED_TRACE(name);
    expect_bounds(sketch_of(stream), truth_of(stream));
  }
}

TEST(SpaceSaving, HoldsEveryBoundAtAnyCapacityWithAnyHash) {
  for (const std::uint32_t capacity : {1U, 2U, 3U, 7U, 33U, 1'000U}) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      SCOPED_TRACE(::testing::Message() << "capacity " << capacity << ", seed " << seed);
      const Stream stream = zipf_stream(0.7, 4'000, 6'000, seed);
      expect_bounds(sketch_of(stream, seed, capacity), truth_of(stream));
    }
  }
}

TEST(SpaceSaving, KeepsAKeyAboveTheThresholdAmongAnyNumberOfOthers) {
  for (const std::uint64_t first : {0U, 9'999U, 19'000U}) {
    Stream stream = all_distinct_stream();
    // 20 000 keys with 100 bytes: 2 000 000 bytes; one with more than a 32nd of all, in small pieces.
    for (std::uint64_t piece = 0; piece < 700; ++piece) {
      stream.insert(stream.begin() + static_cast<std::ptrdiff_t>(first + piece), {1'000'000, exchange(100)});
    }
    const Sketch sketch = sketch_of(stream);
    ASSERT_GT(70'000U * kCapacity, sketch.total_bytes());
    const auto top = sketch.top(1, [](const Sketch::Item& item) { return item.upper(); });
    ASSERT_EQ(top.size(), 1U);
    EXPECT_EQ(top[0].key[0], 1'000'000U);
  }
}

TEST(SpaceSaving, IsExactWhileTheKeysFit) {
  const Stream stream = zipf_stream(1.0, 2 * kCapacity, 5'000, 3);
  const Sketch sketch = sketch_of(stream);
  const Truth truth = truth_of(stream);
  EXPECT_EQ(sketch.floor(), 0U);
  for (const Sketch::Item& item : sketch.items()) {
    EXPECT_EQ(item.error, 0U);
    EXPECT_EQ(item.counted.bytes, truth.at(item.key[0]).bytes);
    EXPECT_EQ(item.counted.packets, truth.at(item.key[0]).packets);
  }
}

TEST(SpaceSaving, HoldsItsItemsWhateverTheHash) {
  const Stream stream = zipf_stream(0.8, 3'000, 20'000, 5);
  const auto by_key = [](const Sketch::Item& item) { return item.upper(); };
  const auto one = sketch_of(stream, 1).top(64, by_key);
  const auto two = sketch_of(stream, 2).top(64, by_key);
  ASSERT_EQ(one.size(), two.size());
  for (std::size_t place = 0; place < one.size(); ++place) {
    EXPECT_EQ(one[place].key, two[place].key);
    EXPECT_EQ(one[place].error, two[place].error);
  }
}

TEST(SpaceSaving, KeepsTheBoundsWhenMerged) {
  const auto all = streams();
  for (const auto& [left_name, left] : all) {
    for (const auto& [right_name, right] : all) {
      SCOPED_TRACE(::testing::Message() << left_name << " and " << right_name);
      Sketch merged = sketch_of(left, 1);
      merged.merge(sketch_of(right, 2));
      Stream both = left;
      both.insert(both.end(), right.begin(), right.end());
      expect_bounds(merged, truth_of(both));
      // What comes after a merge counts as before.
      const Stream more = zipf_stream(1.0, 500, 500, 9);
      for (const auto& [key, amount] : more) merged.add({key}, amount);
      both.insert(both.end(), more.begin(), more.end());
      expect_bounds(merged, truth_of(both));
    }
  }
}

TEST(SpaceSaving, KeepsTheBoundsThroughAChainOfMerges) {
  Sketch merged(kCapacity, KeyedHash(1));
  Stream both;
  for (std::uint64_t worker = 0; worker < 12; ++worker) {
    const Stream stream = zipf_stream(0.9, 800, 3'000, 40 + worker);
    merged.merge(sketch_of(stream, 2 + worker));
    both.insert(both.end(), stream.begin(), stream.end());
  }
  expect_bounds(merged, truth_of(both));
}

TEST(SpaceSaving, IsAsNewOnceCleared) {
  Sketch sketch = sketch_of(all_distinct_stream());
  ASSERT_GT(sketch.floor(), 0U);
  sketch.clear();
  EXPECT_EQ(sketch.floor(), 0U);
  EXPECT_EQ(sketch.total_bytes(), 0U);
  EXPECT_TRUE(sketch.items().empty());
  const Stream stream = zipf_stream(1.0, 3'000, 4'000, 8);
  for (const auto& [key, amount] : stream) sketch.add({key}, amount);
  expect_bounds(sketch, truth_of(stream));
}

TEST(SpaceSaving, RanksByWhatTheCallerAsksFor) {
  Sketch sketch(kCapacity, KeyedHash(1));
  sketch.add({1}, exchange(10, 500));
  sketch.add({2}, exchange(20, 0));
  sketch.add({3}, exchange(20, 9));
  const auto sent = sketch.top(9, [](const Sketch::Item& item) { return item.counted.bytes[0]; });
  ASSERT_EQ(sent.size(), 3U);
  EXPECT_EQ(sent[0].key[0], 2U);
  EXPECT_EQ(sent[1].key[0], 3U);
  const auto received = sketch.top(9, [](const Sketch::Item& item) { return item.counted.bytes[1]; });
  ASSERT_EQ(received.size(), 2U);
  EXPECT_EQ(received[0].key[0], 1U);
}

}  // namespace
}  // namespace wireglass
