#include "bench/netflow_totals.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

namespace wireglass::bench {
namespace {

class Message {
 public:
  Message& u16(std::initializer_list<unsigned> words) {
    for (const unsigned word : words) {
      bytes_.push_back(static_cast<std::byte>(word >> 8));
      bytes_.push_back(static_cast<std::byte>(word));
    }
    return *this;
  }
  Message& u8(std::initializer_list<unsigned> octets) {
    for (const unsigned octet : octets) bytes_.push_back(static_cast<std::byte>(octet));
    return *this;
  }
  Message& zeros(std::size_t count) {
    bytes_.resize(bytes_.size() + count);
    return *this;
  }
  operator std::span<const std::byte>() const { return bytes_; }  // NOLINT(google-explicit-constructor)
  std::size_t size() const { return bytes_.size(); }

 private:
  std::vector<std::byte> bytes_;
};

Message v9() { return Message().u16({9, 1}).zeros(16); }
Message ipfix() { return Message().u16({10, 0}).zeros(12); }

TEST(NetflowTotals, Version9SumsByItsTemplate) {
  NetflowTotals totals;
  // Template 1024: source port (2), octets (4), packets (4); set of 20 octets
  totals.add(v9().u16({0, 20, 1024, 3, 7, 2, 1, 4, 2, 4}));
  // Two records and two octets of padding
  totals.add(v9().u16({1024, 26, 80, 0, 1500, 0, 3, 443, 1, 0, 0, 4}).u8({0, 0}));
  EXPECT_EQ(totals.records(), 2U);
  EXPECT_EQ(totals.ip_bytes(), 1500U + 65'536U);
  EXPECT_EQ(totals.packets(), 7U);
  EXPECT_EQ(totals.undecoded(), 0U);
}

TEST(NetflowTotals, IpfixHasEnterpriseAndVariableLengthFields) {
  NetflowTotals totals;
  // Template 256: enterprise string of any length, packetTotalCount (1), octetTotalCount (2)
  totals.add(ipfix().u16({2, 24, 256, 3, 0x8001, 65'535, 0, 32'473, 86, 1, 85, 2}));
  totals.add(ipfix().u16({256, 4 + 4 + 3 + 1}).u8({3, 'a', 'b', 'c'}).u8({9}).u16({600}).u8({0}));
  EXPECT_EQ(totals.records(), 1U);
  EXPECT_EQ(totals.packets(), 9U);
  EXPECT_EQ(totals.ip_bytes(), 600U);
  EXPECT_EQ(totals.undecoded(), 0U);
}

TEST(NetflowTotals, OptionsDescribeTheExporterAndAreNotSummed) {
  NetflowTotals totals;
  totals.add(ipfix().u16({3, 18, 300, 2, 1, 149, 4, 2, 8}));
  totals.add(ipfix().u16({300, 16, 0, 1, 0, 0, 0, 99}));
  EXPECT_EQ(totals.records(), 0U);
  EXPECT_EQ(totals.packets(), 0U);
  EXPECT_EQ(totals.undecoded(), 0U);
}

TEST(NetflowTotals, Version5HasAFixedLayout) {
  NetflowTotals totals;
  totals.add(Message().u16({5, 1}).zeros(20).zeros(16).u16({0, 12, 0, 1200}).zeros(24));
  EXPECT_EQ(totals.packets(), 12U);
  EXPECT_EQ(totals.ip_bytes(), 1200U);
}

TEST(NetflowTotals, WhatCannotBeReadIsCounted) {
  const struct {
    const char* what;
    Message message;
  } cases[] = {
      {"empty", Message()},
      {"another version", Message().u16({8, 0}).zeros(40)},
      {"cut header", Message().u16({9, 1}).zeros(10)},
      {"data without a template", v9().u16({999, 8, 0, 0})},
      {"set longer than the message", v9().u16({256, 80, 0, 0})},
      {"set shorter than its header", v9().u16({256, 2, 0, 0})},
      {"cut template", v9().u16({0, 12, 256, 9, 1, 4})},
      {"version 5 with fewer records than it says", Message().u16({5, 2}).zeros(20).zeros(48)},
  };
  for (const auto& item : cases) {
    NetflowTotals totals;
    totals.add(item.message);
    EXPECT_EQ(totals.undecoded(), 1U) << item.what;
    EXPECT_EQ(totals.messages(), 1U) << item.what;
  }
}

TEST(NetflowTotals, ATemplateWithoutLengthCannotLoopForever) {
  NetflowTotals totals;
  totals.add(v9().u16({0, 8, 256, 0}));
  totals.add(v9().u16({256, 12, 1, 2, 3, 4}));
  EXPECT_EQ(totals.undecoded(), 1U);
  EXPECT_EQ(totals.records(), 0U);
}

}  // namespace
}  // namespace wireglass::bench
