#include "app/assembly.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace wireglass {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

class AssemblyTest : public ::testing::Test {
 protected:
  Assembly::Add add(std::int64_t offset, std::string_view piece) {
    return assembly_.add(buffer_, offset, bytes_of(piece));
  }
  std::string beginning() const {
    return {reinterpret_cast<const char*>(buffer_.data()), assembly_.contiguous()};
  }
  std::vector<std::byte> buffer_ = std::vector<std::byte>(16);
  Assembly assembly_;
};

TEST_F(AssemblyTest, PutsPiecesInTheirPlacesInAnyOrder) {
  add(4, "efgh");
  EXPECT_EQ(beginning(), "");
  add(10, "kl");
  add(0, "abcd");
  EXPECT_EQ(beginning(), "abcdefgh");
  add(8, "ij");
  EXPECT_EQ(beginning(), "abcdefghijkl");
}

TEST_F(AssemblyTest, KeepsTheFirstOfOverlappingPieces) {
  add(2, "CD");
  add(6, "GH");
  add(0, "abcdefghij");
  EXPECT_EQ(beginning(), "abCDefGHij");
  add(0, "xxxxxxxxxxkl");
  EXPECT_EQ(beginning(), "abCDefGHijkl");
}

TEST_F(AssemblyTest, LeavesOutWhatIsInFrontAndBeyond) {
  add(-3, "xyzab");
  EXPECT_EQ(beginning(), "ab");
  add(-5, "abcd");
  add(2, "cdefghijklmnopQRST");
  EXPECT_EQ(beginning(), "abcdefghijklmnop");
  add(16, "more");
  add(1'000'000, "more");
  EXPECT_EQ(beginning(), "abcdefghijklmnop");
}

TEST_F(AssemblyTest, RefusesMoreGapsThanItKeeps) {
  buffer_.resize(64);
  const auto gaps = static_cast<int>(Assembly::kMaxRanges);
  for (int i = 0; i < gaps; ++i) EXPECT_EQ(add(2 + 2 * i, "x"), Assembly::Add::kAdded);
  EXPECT_EQ(add(2 + 2 * gaps, "x"), Assembly::Add::kTooManyGaps);
  EXPECT_EQ(add(0, "abcdefgh"), Assembly::Add::kAdded);
  EXPECT_EQ(beginning(), "abxdxfxhx");
  EXPECT_EQ(add(2 + 2 * gaps, "x"), Assembly::Add::kAdded);
}

TEST_F(AssemblyTest, GivesTheSameWhateverTheOrder) {
  constexpr std::string_view kMessage = "abcdefghijklmnop";
  std::mt19937 random(3);
  for (int round = 0; round < 5'000; ++round) {
    assembly_ = Assembly();
    std::fill(buffer_.begin(), buffer_.end(), std::byte{0});
    std::vector<bool> given(kMessage.size());
    while (assembly_.contiguous() < kMessage.size()) {
      const std::size_t at = random() % kMessage.size();
      const std::size_t size = 1 + random() % (kMessage.size() - at);
      const bool added =
          add(static_cast<std::int64_t>(at), kMessage.substr(at, size)) == Assembly::Add::kAdded;
      if (added) std::fill_n(given.begin() + static_cast<long>(at), size, true);
      const auto end = static_cast<std::size_t>(std::find(given.begin(), given.end(), false) - given.begin());
      ASSERT_EQ(beginning(), kMessage.substr(0, end));
    }
  }
}

}  // namespace
}  // namespace wireglass
