#pragma once

#include <cstdint>

namespace wireglass {

// Powers in integer arithmetic. Those of libm differ in their last bit from machine to machine (fused
// multiply-add), and a generator must give the same bytes everywhere.

/// log2(x) with 32 fractional bits; `x` is at least 1.
std::uint64_t log2_q32(std::uint64_t x);

/// 2^(-y) with 62 fractional bits; `y` has 32.
std::uint64_t exp2_negative_q62(std::uint64_t y_q32);

/// 2^y with 32 fractional bits; `y` has 32 and is below 31.
std::uint64_t exp2_q32(std::uint64_t y_q32);

}  // namespace wireglass
