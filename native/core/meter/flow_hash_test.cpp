#include "meter/flow_hash.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "meter/testing/digests.hpp"

namespace wireglass {
namespace {

/// Families of keys as scans, pools and tunnels make them: they differ in few bits.
struct KeyFamily {
  std::string name;
  FlowKey (*nth)(std::uint32_t serial);
};

FlowKey base_key() { return testing::nth_key(0); }

const std::vector<KeyFamily>& families() {
  static const std::vector<KeyFamily> all = {
      {"client_ports",
       [](std::uint32_t serial) {
         FlowKey key = base_key();
         key.port_a = static_cast<std::uint16_t>(serial);
         return key;
       }},
      {"both_ports",
       [](std::uint32_t serial) {
         FlowKey key = base_key();
         key.port_a = static_cast<std::uint16_t>(serial & 0xff);
         key.port_b = static_cast<std::uint16_t>(serial >> 8);
         return key;
       }},
      {"ipv4_addresses",
       [](std::uint32_t serial) {
         FlowKey key = base_key();
         key.addr_a = testing::ipv4(0x0a00'0000 + serial);
         return key;
       }},
      {"ipv4_address_pairs",
       [](std::uint32_t serial) {
         FlowKey key = base_key();
         key.addr_a = testing::ipv4(0x0a00'0000 + (serial & 0xff));
         key.addr_b = testing::ipv4(0x0b00'0000 + (serial >> 8));
         return key;
       }},
      {"ipv6_prefixes",
       [](std::uint32_t serial) {
         FlowKey key = base_key();
         key.addr_b = {std::uint64_t{0x2001'0db8'0000'0000} | serial, 1};
         return key;
       }},
      {"tenants",
       [](std::uint32_t serial) {
         FlowKey key = base_key();
         key.overlay = Overlay::kLisp;
         key.tenant_id = serial;
         return key;
       }},
  };
  return all;
}

class FlowHashQuality : public ::testing::TestWithParam<KeyFamily> {};

TEST_P(FlowHashQuality, SpreadsKeysOverBucketsAsChanceWould) {
  constexpr std::uint32_t kKeys = 65'536;
  constexpr std::uint32_t kBuckets = 4'096;
  constexpr double kExpected = static_cast<double>(kKeys) / kBuckets;
  for (const unsigned shift : {0U, 32U, 52U}) {
    const FlowHash hash(11);
    std::vector<std::uint32_t> buckets(kBuckets);
    for (std::uint32_t serial = 0; serial < kKeys; ++serial) {
      ++buckets[(hash(GetParam().nth(serial)) >> shift) % kBuckets];
    }
    double chi_squared = 0;
    for (const std::uint32_t count : buckets)
      chi_squared += (count - kExpected) * (count - kExpected) / kExpected;
    // 4 095 degrees of freedom: mean 4 095, standard deviation 90; six of them on the upper side. Counters
    // that fill buckets more evenly than chance do no harm.
    EXPECT_LT(chi_squared, 4'095 + 6 * 90) << "bits from " << shift;
  }
}

TEST_P(FlowHashQuality, GivesDistinctHashesToDistinctKeys) {
  const FlowHash hash(12);
  std::set<std::uint64_t> hashes;
  for (std::uint32_t serial = 0; serial < 65'536; ++serial) hashes.insert(hash(GetParam().nth(serial)));
  EXPECT_EQ(hashes.size(), 65'536U);
}

INSTANTIATE_TEST_SUITE_P(Families, FlowHashQuality, ::testing::ValuesIn(families()),
                         [](const ::testing::TestParamInfo<KeyFamily>& family) { return family.param.name; });

TEST(FlowHash, ChangesAboutHalfOfItsBitsWithEachBitOfTheKey) {
  const FlowHash hash(5);
  std::mt19937_64 random(1);
  for (std::size_t bit = 0; bit < sizeof(FlowKey) * 8; ++bit) {
    std::uint64_t changed_bits = 0;
    constexpr std::uint64_t kRounds = 200;
    for (std::uint64_t round = 0; round < kRounds; ++round) {
      FlowKey::Words words{};
      for (std::uint64_t& word : words) word = random();
      const std::uint64_t before = hash(std::bit_cast<FlowKey>(words));
      words[bit / 64] ^= std::uint64_t{1} << (bit % 64);
      changed_bits += static_cast<std::uint64_t>(std::popcount(before ^ hash(std::bit_cast<FlowKey>(words))));
    }
    EXPECT_NEAR(static_cast<double>(changed_bits) / kRounds, 32, 4) << "bit " << bit;
  }
}

TEST(FlowHash, RepeatsForASeedAndDiffersBetweenSeeds) {
  EXPECT_EQ(FlowHash(1)(base_key()), FlowHash(1)(base_key()));
  EXPECT_NE(FlowHash(1)(base_key()), FlowHash(2)(base_key()));
}

TEST(FlowHash, DrawsANewSecretEachTime) { EXPECT_NE(FlowHash()(base_key()), FlowHash()(base_key())); }

}  // namespace
}  // namespace wireglass
