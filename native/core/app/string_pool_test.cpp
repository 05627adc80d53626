#include "app/string_pool.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

namespace wireglass {
namespace {

TEST(StringPool, GivesBlocksThatHoldWhatIsAskedFor) {
  StringPool pool(StringPool::kMaxBlockBytes * 4);
  for (const std::size_t bytes : {1U, 32U, 33U, 64U, 65U, 500U, 2048U}) {
    const std::uint32_t block = pool.allocate(bytes);
    ASSERT_NE(block, StringPool::kNone);
    EXPECT_GE(pool.block_bytes(block), bytes);
    EXPECT_LT(pool.block_bytes(block), std::max<std::size_t>(2 * bytes, 33));
    pool.release(block);
  }
  EXPECT_EQ(pool.used_bytes(), 0);
}

TEST(StringPool, RefusesWhatItHasNot) {
  EXPECT_EQ(StringPool(StringPool::kMaxBlockBytes - 1).allocate(1), StringPool::kNone);
  StringPool pool(StringPool::kMaxBlockBytes);
  EXPECT_EQ(pool.allocate(StringPool::kMaxBlockBytes + 1), StringPool::kNone);
  std::vector<std::uint32_t> blocks;
  for (std::size_t i = 0; i < StringPool::kMaxBlockBytes / StringPool::kUnitBytes; ++i) {
    blocks.push_back(pool.allocate(1));
    ASSERT_NE(blocks.back(), StringPool::kNone);
  }
  EXPECT_EQ(pool.allocate(1), StringPool::kNone);
  for (const std::uint32_t block : blocks) pool.release(block);
  EXPECT_NE(pool.allocate(StringPool::kMaxBlockBytes), StringPool::kNone);
}

// Blocks are filled with their number; one that overlapped another would not keep it. In the end all has
// joined again.
TEST(StringPool, KeepsBlocksApartAndJoinsThemAgain) {
  constexpr std::size_t kLargestBlocks = 64;
  StringPool pool(StringPool::kMaxBlockBytes * kLargestBlocks);
  std::mt19937 random(7);
  struct Held {
    std::uint32_t block;
    unsigned char mark;
  };
  std::vector<Held> held;
  std::size_t refused = 0;
  for (unsigned step = 0; step < 200'000; ++step) {
    if (random() % 100 < 52) {
      const std::size_t bytes = 1 + random() % (random() % 8 == 0 ? 2048 : 120);
      const std::uint32_t block = pool.allocate(bytes);
      if (block == StringPool::kNone) {
        ++refused;
        continue;
      }
      held.push_back({block, static_cast<unsigned char>(step)});
      std::memset(pool.data(block), held.back().mark, pool.block_bytes(block));
    } else if (!held.empty()) {
      std::swap(held[random() % held.size()], held.back());
      const auto [block, mark] = held.back();
      held.pop_back();
      const std::vector<std::byte> expected(pool.block_bytes(block), static_cast<std::byte>(mark));
      ASSERT_EQ(std::memcmp(pool.data(block), expected.data(), expected.size()), 0);
      pool.release(block);
    }
  }
  EXPECT_GT(refused, 100);
  for (const Held& last : held) pool.release(last.block);
  EXPECT_EQ(pool.used_bytes(), 0);
  for (std::size_t i = 0; i < kLargestBlocks; ++i) {
    ASSERT_NE(pool.allocate(StringPool::kMaxBlockBytes), StringPool::kNone);
  }
  EXPECT_EQ(pool.allocate(1), StringPool::kNone);
}

}  // namespace
}  // namespace wireglass
