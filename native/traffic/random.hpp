#pragma once

#include <cstdint>

namespace wireglass {

/// Scrambles 64 bits so that every bit of the input reaches every bit of the output (the finalizer of
/// SplitMix64).
constexpr std::uint64_t mix_bits(std::uint64_t bits) {
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9U;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebU;
  return bits ^ (bits >> 31);
}

/// A seeded sequence that is the same on every machine, which the distributions of <random> are not.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(mix_bits(seed + kStep)) {}

  std::uint64_t next() { return mix_bits(state_ += kStep); }

  /// 0 to bound - 1; `bound` is at least 1.
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(((next() >> 32) * bound) >> 32);
  }

  /// `low` to `high`, both included.
  std::uint32_t between(std::uint32_t low, std::uint32_t high) { return low + below(high - low + 1); }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15U;
  std::uint64_t state_;
};

/// How long a client keeps a connection open when all is said, in microseconds: one in four closes at once,
/// the others stay below the idle timeouts that meters usually have (15 s), so that an open connection is one
/// flow.
inline std::uint32_t draw_linger_us(Random& random) {
  return random.below(4) == 0 ? 0 : random.between(3'000'000, 14'000'000);
}

}  // namespace wireglass
