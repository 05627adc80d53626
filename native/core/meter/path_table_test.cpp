#include "meter/path_table.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace wireglass {
namespace {

constexpr std::uint32_t kFlows = 4'096;  // 1 024 slots, one of them for the path of zeros

FlowPath nth_path(std::uint64_t serial) {
  return {{0, serial}, {1, serial / 3}, 0x0200'0000'0000 + serial, 0x0200'0000'1000};
}

TEST(PathTable, GivesOneNumberToOnePath) {
  PathTable paths(kFlows);
  const PathTable::Number first = paths.acquire(nth_path(1));
  const PathTable::Number second = paths.acquire(nth_path(2));
  EXPECT_NE(first, second);
  EXPECT_EQ(paths.acquire(nth_path(1)), first);
  EXPECT_EQ(paths[first], nth_path(1));
  EXPECT_EQ(paths[second], nth_path(2));
}

TEST(PathTable, ThePathOfZerosTakesNoRoom) {
  PathTable paths(kFlows);
  EXPECT_EQ(paths.acquire({}), PathTable::kNone);
  EXPECT_EQ(paths[PathTable::kNone], FlowPath{});
  EXPECT_EQ(paths.refused().value(), 0U);
}

TEST(PathTable, RefusesAndCountsWhatItHasNoRoomForUntilOneIsReleased) {
  PathTable paths(kFlows);
  std::vector<PathTable::Number> numbers;
  std::uint64_t serial = 1;
  while (paths.refused().value() == 0) numbers.push_back(paths.acquire(nth_path(serial++)));
  EXPECT_EQ(numbers.back(), PathTable::kNone);
  EXPECT_GE(numbers.size(), kFlows / 4 - 2);
  EXPECT_EQ(paths.acquire(nth_path(1)), numbers.front()) << "a path in use is not refused";
  paths.release(numbers[7]);
  EXPECT_EQ(paths.acquire(nth_path(serial)), numbers[7]);
  EXPECT_EQ(paths[numbers[7]], nth_path(serial));
  EXPECT_EQ(paths.refused().value(), 1U);
}

TEST(PathTable, KeepsEveryPathThatIsReferredToUnderChurn) {
  PathTable paths(kFlows);
  std::mt19937 random(3);
  std::vector<std::pair<PathTable::Number, FlowPath>> held;
  for (int step = 0; step < 50'000; ++step) {
    if (held.size() < 3'000 && random() % 2 == 0) {
      const FlowPath path = nth_path(random() % 600);
      held.emplace_back(paths.acquire(path), path);
      ASSERT_NE(held.back().first, PathTable::kNone);
    } else if (!held.empty()) {
      std::swap(held[random() % held.size()], held.back());
      ASSERT_EQ(paths[held.back().first], held.back().second);
      paths.release(held.back().first);
      held.pop_back();
    }
  }
  for (const auto& [number, path] : held) EXPECT_EQ(paths[number], path);
  EXPECT_EQ(paths.refused().value(), 0U);
}

}  // namespace
}  // namespace wireglass
