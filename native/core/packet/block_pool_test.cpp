#include "packet/block_pool.hpp"

#include <gtest/gtest.h>

namespace wireglass {
namespace {

TEST(BlockPool, UsesABlockAgainOnceNobodyHoldsIt) {
  BlockPool pool(100, 1'000);
  PacketBlock* first = pool.take(1);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->capacity(), 100u);
  first->hold();
  first->release();
  PacketBlock* second = pool.take(1);
  EXPECT_NE(second, first);
  first->release();
  EXPECT_EQ(pool.take(1), first);
}

TEST(BlockPool, RefusesBeyondItsLimitUntilABlockIsReleased) {
  BlockPool pool(100, 250);
  PacketBlock* first = pool.take(1);
  ASSERT_NE(pool.take(1), nullptr);
  EXPECT_EQ(pool.take(1), nullptr);
  EXPECT_EQ(pool.take(150), nullptr);
  first->release();
  EXPECT_NE(pool.take(1), nullptr);
}

TEST(BlockPool, TradesUnusedBlocksForALargerOne) {
  BlockPool pool(100, 250);
  PacketBlock* first = pool.take(1);
  PacketBlock* second = pool.take(1);
  first->release();
  EXPECT_EQ(pool.take(200), nullptr);
  PacketBlock* larger = pool.take(150);
  ASSERT_NE(larger, nullptr);
  EXPECT_EQ(larger->capacity(), 150u);
  second->release();
  larger->release();
}

TEST(BlockPool, ExceedsItsLimitWhereAskedTo) {
  BlockPool pool(100, 250);
  PacketBlock* small = pool.take(1);
  EXPECT_EQ(pool.take(1'000), nullptr);
  PacketBlock* large = pool.take(1'000, BlockPool::Limit::kExceed);
  ASSERT_NE(large, nullptr);
  EXPECT_EQ(pool.take(1), nullptr);
  large->release();
  EXPECT_EQ(pool.take(1), large);
  small->release();
}

}  // namespace
}  // namespace wireglass
