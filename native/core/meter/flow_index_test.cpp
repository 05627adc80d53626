#include "meter/flow_index.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <random>
#include <utility>
#include <vector>

namespace wireglass {
namespace {

constexpr auto any = [](EntryNumber) { return true; };
auto just(EntryNumber wanted) {
  return [wanted](EntryNumber entry) { return entry == wanted; };
}

TEST(FlowIndex, FindsNothingWhenEmpty) {
  const FlowIndex index(4'096);
  EXPECT_EQ(index.find(0, any), kNoEntry);
  EXPECT_EQ(index.find(0xffff'ffff, any), kNoEntry);
}

TEST(FlowIndex, KeepsEntriesOfOneTagApart) {
  FlowIndex index(4'096);
  for (EntryNumber entry = 0; entry < 5; ++entry) index.insert(7, entry);
  for (EntryNumber entry = 0; entry < 5; ++entry) EXPECT_EQ(index.find(7, just(entry)), entry);
  index.erase(7, 2);
  EXPECT_EQ(index.find(7, just(2)), kNoEntry);
  for (const EntryNumber entry : {0U, 1U, 3U, 4U}) EXPECT_EQ(index.find(7, just(entry)), entry);
}

TEST(FlowIndex, WrapsAroundItsEnd) {
  FlowIndex index(4'096);
  for (EntryNumber entry = 0; entry < 10; ++entry) index.insert(0xffff'ffff - entry, entry);
  index.insert(0, 10);
  for (EntryNumber entry = 0; entry < 10; ++entry) EXPECT_EQ(index.find(0xffff'ffff - entry, any), entry);
  for (EntryNumber entry = 0; entry < 10; ++entry) {
    index.erase(0xffff'ffff - entry, entry);
    EXPECT_EQ(index.find(0, just(10)), 10U);
    for (EntryNumber left = entry + 1; left < 10; ++left)
      EXPECT_EQ(index.find(0xffff'ffff - left, any), left);
  }
}

/// Inserts and erases at random, full to the limit at times, and compares with what must be there.
void churn(std::uint32_t seed, std::uint32_t tag_mask) {
  constexpr std::uint32_t kMaxEntries = 64;
  FlowIndex index(kMaxEntries);
  std::mt19937 random(seed);
  std::vector<std::pair<std::uint32_t, EntryNumber>> present;
  std::vector<EntryNumber> free(kMaxEntries);
  std::iota(free.begin(), free.end(), EntryNumber{0});
  for (int step = 0; step < 20'000; ++step) {
    if (!free.empty() && random() % 100 < (step / 1'000 % 2 == 0 ? 70U : 30U)) {
      const std::uint32_t tag = static_cast<std::uint32_t>(random()) & tag_mask;
      index.insert(tag, free.back());
      present.emplace_back(tag, free.back());
      free.pop_back();
    } else if (!present.empty()) {
      std::swap(present[random() % present.size()], present.back());
      index.erase(present.back().first, present.back().second);
      ASSERT_EQ(index.find(present.back().first, just(present.back().second)), kNoEntry);
      free.push_back(present.back().second);
      present.pop_back();
    }
    for (const auto& [tag, entry] : present)
      ASSERT_EQ(index.find(tag, just(entry)), entry) << "step " << step;
  }
}

TEST(FlowIndex, ForgetsAndFindsExactlyWhatItShouldUnderChurn) {
  for (std::uint32_t seed = 1; seed <= 3; ++seed) {
    churn(seed, 0xffff'ffff);
    churn(seed, 0xf000'000f);  // few homes: long clusters
    churn(seed, 0xff00'0000);
  }
}

TEST(FlowIndex, LeavesTheUpperHalfOfTheHashToTheChoiceOfAWorker) {
  EXPECT_EQ(FlowIndex::tag_of(0x1234'5678'9abc'def0), 0x9abc'def0U);
}

}  // namespace
}  // namespace wireglass
