#include "decode/cursor.hpp"

#include <gtest/gtest.h>

#include <array>

namespace wireglass {
namespace {

constexpr std::array<std::byte, 8> kBytes = {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4},
                                             std::byte{5}, std::byte{6}, std::byte{7}, std::byte{8}};

TEST(Cursor, ReadsNetworkOrderWithinTheBytes) {
  Cursor cursor(kBytes);
  ASSERT_TRUE(cursor.skip(1));
  const auto header = cursor.peek<7>();
  ASSERT_TRUE(header);
  EXPECT_EQ(header.u8<0>(), 2);
  EXPECT_EQ(header.u16<5>(), 0x0708);
  EXPECT_EQ(header.u32<1>(), 0x03040506U);
}

TEST(Cursor, RefusesMoreThanIsLeft) {
  Cursor cursor(kBytes);
  EXPECT_TRUE(cursor.peek<8>());
  EXPECT_FALSE(cursor.peek<9>());
  EXPECT_FALSE(cursor.skip(9));
  EXPECT_EQ(cursor.offset(), 0U);
  EXPECT_TRUE(cursor.skip(8));
  EXPECT_EQ(cursor.remaining(), 0U);
  EXPECT_FALSE(cursor.peek<1>());
}

TEST(Cursor, NarrowsButNeverWidensNorPassesThePosition) {
  Cursor cursor(kBytes);
  ASSERT_TRUE(cursor.skip(4));
  cursor.narrow(20);
  EXPECT_EQ(cursor.end(), 8U);
  cursor.narrow(6);
  EXPECT_EQ(cursor.remaining(), 2U);
  cursor.narrow(7);
  EXPECT_EQ(cursor.end(), 6U);
  cursor.narrow(1);
  EXPECT_EQ(cursor.remaining(), 0U);
  EXPECT_EQ(cursor.offset(), 4U);
}

TEST(Cursor, ReadsNumbersAtAnOffset) {
  Cursor cursor(kBytes);
  std::uint64_t value = 99;
  EXPECT_TRUE(cursor.read_at(2, 3, value));
  EXPECT_EQ(value, 0x030405U);
  EXPECT_TRUE(cursor.read_at(0, 8, value));
  EXPECT_EQ(value, 0x0102030405060708U);
  EXPECT_FALSE(cursor.read_at(6, 3, value));
  EXPECT_FALSE(cursor.read_at(UINT32_MAX, 2, value));
  EXPECT_FALSE(cursor.read_at(0, 9, value));
  cursor.narrow(4);
  EXPECT_FALSE(cursor.read_at(3, 2, value));
  EXPECT_TRUE(cursor.bytes_at(4, 1).empty());
  EXPECT_EQ(cursor.bytes_at(3, 1).size(), 1U);
}

TEST(Cursor, TakesAPacketWithoutBytes) {
  const Cursor cursor({});
  EXPECT_FALSE(cursor.peek<1>());
  EXPECT_EQ(cursor.remaining(), 0U);
}

}  // namespace
}  // namespace wireglass
