#include "traffic/fixed_power.hpp"

#include <array>
#include <bit>

namespace wireglass {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t kOneQ62 = 1ULL << 62;
constexpr int kFractionBits = 32;

constexpr std::uint64_t square_root(Wide value) {
  std::uint64_t root = 0;
  for (int bit = 63; bit >= 0; --bit) {
    const std::uint64_t next = root | 1ULL << bit;
    if (static_cast<Wide>(next) * next <= value) root = next;
  }
  return root;
}

/// [k] is 2^(2^-(k+1)) with 62 fractional bits: each the square root of the one before.
constexpr auto make_roots() {
  std::array<std::uint64_t, kFractionBits> roots{};
  std::uint64_t previous = 2 * kOneQ62;
  for (auto& root : roots) previous = root = square_root(static_cast<Wide>(previous) << 62);
  return roots;
}
constexpr std::array<std::uint64_t, kFractionBits> kRoots = make_roots();

/// 2^fraction, 1 to 2, with 62 fractional bits.
std::uint64_t exp2_fraction_q62(std::uint32_t fraction) {
  std::uint64_t result = kOneQ62;
  for (int bit = 0; bit < kFractionBits; ++bit) {
    if ((fraction >> (kFractionBits - 1 - bit) & 1U) != 0) {
      result = static_cast<std::uint64_t>(static_cast<Wide>(result) * kRoots[bit] >> 62);
    }
  }
  return result;
}

}  // namespace

std::uint64_t log2_q32(std::uint64_t x) {
  const int whole = 63 - std::countl_zero(x);
  std::uint64_t mantissa = x << (63 - whole);
  std::uint64_t result = static_cast<std::uint64_t>(whole) << kFractionBits;
  // Squaring a number in [1, 2) doubles its logarithm; the bit that comes out in front is the next digit.
  for (int bit = kFractionBits - 1; bit >= 0; --bit) {
    const Wide square = static_cast<Wide>(mantissa) * mantissa;
    const bool digit = (square >> 127) != 0;
    mantissa = static_cast<std::uint64_t>(square >> (digit ? 64 : 63));
    if (digit) result |= 1ULL << bit;
  }
  return result;
}

std::uint64_t exp2_negative_q62(std::uint64_t y_q32) {
  const std::uint64_t negated = (1ULL << kFractionBits) - (y_q32 & 0xffff'ffffU);
  const bool whole_number = negated == 1ULL << kFractionBits;
  const std::uint64_t shift = (y_q32 >> kFractionBits) + (whole_number ? 0 : 1);
  if (shift >= 64) return 0;
  return (whole_number ? kOneQ62 : exp2_fraction_q62(static_cast<std::uint32_t>(negated))) >> shift;
}

std::uint64_t exp2_q32(std::uint64_t y_q32) {
  const std::uint64_t whole = y_q32 >> kFractionBits;
  const std::uint64_t fraction = exp2_fraction_q62(static_cast<std::uint32_t>(y_q32));
  return whole <= 30 ? fraction >> (30 - whole) : fraction;
}

}  // namespace wireglass
