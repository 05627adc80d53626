#pragma once

#include <cstdint>
#include <span>

namespace wireglass {

/// Fills a hash's secret from the kernel (getrandom(2)). Throws std::system_error when it gives none.
void draw_secret(std::span<std::uint64_t> secret);

/// A secret that follows from `seed`, for tests and repeatable runs.
void seed_secret(std::span<std::uint64_t> secret, std::uint64_t seed);

}  // namespace wireglass
