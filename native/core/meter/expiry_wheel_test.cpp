#include "meter/expiry_wheel.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <vector>

namespace wireglass {
namespace {

constexpr unsigned kTickShift = 10;
constexpr WheelTime kTick = WheelTime{1} << kTickShift;

std::vector<EntryNumber> take_due(ExpiryWheel& wheel) {
  std::vector<EntryNumber> due;
  for (EntryNumber entry = wheel.first_due(); entry != kNoEntry; entry = wheel.first_due()) {
    due.push_back(entry);
    wheel.remove(entry);
  }
  return due;
}

TEST(ExpiryWheel, IsEmptyAtFirst) {
  ExpiryWheel wheel(10, kTickShift);
  EXPECT_EQ(wheel.first_due(), kNoEntry);
  EXPECT_EQ(wheel.first_waiting(), kNoEntry);
  wheel.advance_to(1'000'000 * kTick);
  EXPECT_EQ(wheel.first_due(), kNoEntry);
}

TEST(ExpiryWheel, YieldsEntriesOnceTheirTickIsOver) {
  ExpiryWheel wheel(10, kTickShift);
  wheel.insert(1, 5 * kTick + 7);
  wheel.advance_to(6 * kTick - 1);
  EXPECT_EQ(wheel.first_due(), kNoEntry);
  EXPECT_EQ(wheel.first_waiting(), 1U);
  wheel.advance_to(6 * kTick);
  EXPECT_EQ(wheel.first_waiting(), kNoEntry);
  EXPECT_EQ(take_due(wheel), (std::vector<EntryNumber>{1}));
}

TEST(ExpiryWheel, KeepsTheOrderOfTicksAndOfInsertionWithinOne) {
  ExpiryWheel wheel(10, kTickShift);
  wheel.insert(1, 9 * kTick);
  wheel.insert(2, 3 * kTick + 5);
  wheel.insert(3, 3 * kTick);
  wheel.insert(4, 70 * kTick);
  wheel.insert(5, 9 * kTick);
  wheel.advance_to(100 * kTick);
  EXPECT_EQ(take_due(wheel), (std::vector<EntryNumber>{2, 3, 1, 5, 4}));
}

TEST(ExpiryWheel, KeepsWhatLiesBeyondTheHorizonInTheLastBucket) {
  ExpiryWheel wheel(10, kTickShift);
  wheel.insert(1, 1'000'000 * kTick);
  wheel.advance_to((ExpiryWheel::kBuckets - 1) * kTick);
  EXPECT_EQ(wheel.first_due(), kNoEntry);
  wheel.advance_to(ExpiryWheel::kBuckets * kTick);
  EXPECT_EQ(take_due(wheel), (std::vector<EntryNumber>{1}));
}

TEST(ExpiryWheel, TakesTheGreatestTimes) {
  ExpiryWheel wheel(10, kTickShift);
  wheel.restart_at(~WheelTime{0} - 5 * kTick);
  wheel.insert(1, ~WheelTime{0} - 3 * kTick);
  wheel.insert(2, ~WheelTime{0});
  wheel.advance_to(~WheelTime{0});
  EXPECT_EQ(take_due(wheel), (std::vector<EntryNumber>{1}));
  EXPECT_EQ(wheel.first_waiting(), 2U);
}

TEST(ExpiryWheel, PeeksWithoutTaking) {
  ExpiryWheel wheel(10, kTickShift);
  for (EntryNumber entry = 0; entry < 5; ++entry) wheel.insert(entry, entry * kTick);
  wheel.advance_to(4 * kTick);
  std::array<EntryNumber, 3> some{};
  EXPECT_EQ(wheel.peek_due(some), 3U);
  EXPECT_EQ(some, (std::array<EntryNumber, 3>{0, 1, 2}));
  std::array<EntryNumber, 8> all{};
  EXPECT_EQ(wheel.peek_due(all), 4U);
  EXPECT_EQ(take_due(wheel), (std::vector<EntryNumber>{0, 1, 2, 3}));
}

TEST(ExpiryWheel, TellsWhetherAnythingWaitsForLess) {
  ExpiryWheel wheel(10, kTickShift);
  wheel.insert(1, 5 * kTick);
  EXPECT_TRUE(wheel.waits_for(5 * kTick + kTick - 1));
  EXPECT_TRUE(wheel.waits_for(4 * kTick));
  EXPECT_FALSE(wheel.waits_for(6 * kTick));
}

TEST(ExpiryWheel, AgreesWithASortedMapUnderChurn) {
  constexpr EntryNumber kEntries = 300;
  for (std::uint32_t seed = 1; seed <= 4; ++seed) {
    std::mt19937_64 random(seed);
    ExpiryWheel wheel(kEntries, kTickShift);
    std::map<EntryNumber, std::uint64_t> tick_of;  // what must wait, by the tick that it was placed in
    WheelTime now = 0;
    for (int step = 0; step < 20'000; ++step) {
      const auto entry = static_cast<EntryNumber>(random() % kEntries);
      const WheelTime deadline = now + random() % (6'000 * kTick);
      const std::uint64_t tick = std::min(deadline / kTick, now / kTick + ExpiryWheel::kBuckets - 1);
      if (tick_of.count(entry) == 0) {
        wheel.insert(entry, deadline);
        tick_of[entry] = tick;
      } else if (random() % 2 == 0) {
        wheel.move(entry, deadline);
        tick_of[entry] = tick;
      } else {
        wheel.remove(entry);
        tick_of.erase(entry);
      }
      if (step % 3 == 0) {
        now += random() % (step % 999 == 0 ? 20'000 * kTick : 20 * kTick);
        wheel.advance_to(now);
        std::uint64_t last_tick = 0;
        for (const EntryNumber due : take_due(wheel)) {
          ASSERT_EQ(tick_of.count(due), 1U);
          ASSERT_LT(tick_of[due], now / kTick);
          ASSERT_GE(tick_of[due], last_tick);
          last_tick = tick_of[due];
          tick_of.erase(due);
        }
      }
      const EntryNumber waiting = wheel.first_waiting();
      ASSERT_EQ(waiting == kNoEntry, tick_of.empty());
      for (const auto& [other, other_tick] : tick_of) {
        ASSERT_GE(other_tick, now / kTick) << other << " should have been due";
        ASSERT_GE(other_tick, tick_of[waiting]);
      }
    }
  }
}

}  // namespace
}  // namespace wireglass
