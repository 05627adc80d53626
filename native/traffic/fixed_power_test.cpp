#include "traffic/fixed_power.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace wireglass {
namespace {

TEST(FixedPower, LogarithmAgreesWithTheLibrary) {
  for (const std::uint64_t x : {1ULL, 2ULL, 3ULL, 10ULL, 12345ULL, 500'003ULL, 1ULL << 40}) {
    EXPECT_NEAR(static_cast<double>(log2_q32(x)) * 0x1p-32, std::log2(static_cast<double>(x)), 1e-9) << x;
  }
}

TEST(FixedPower, ExponentialsAgreeWithTheLibrary) {
  for (const double y : {0.0, 0.25, 0.5, 0.999, 1.0, 1.7, 13.3, 20.0}) {
    const auto y_q32 = static_cast<std::uint64_t>(y * 0x1p32);
    EXPECT_NEAR(static_cast<double>(exp2_negative_q62(y_q32)) * 0x1p-62, std::exp2(-y), 1e-9) << y;
    EXPECT_NEAR(static_cast<double>(exp2_q32(y_q32)) * 0x1p-32 / std::exp2(y), 1, 1e-8) << y;
  }
}

TEST(FixedPower, VanishesWhereNothingIsLeft) { EXPECT_EQ(exp2_negative_q62(100ULL << 32), 0U); }

}  // namespace
}  // namespace wireglass
