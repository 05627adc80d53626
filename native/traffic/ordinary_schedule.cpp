#include "traffic/ordinary_schedule.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "traffic/fixed_power.hpp"
#include "traffic/random.hpp"

namespace wireglass {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr int kTimeBits = 33;
constexpr int kConnectionBits = 64 - kTimeBits;
constexpr std::uint64_t kTraceTime = 1ULL << kTimeBits;
constexpr std::uint64_t kConnectionMask = (1ULL << kConnectionBits) - 1;
constexpr int kDigitBits = 11;
constexpr int kDigits = kTimeBits / kDigitBits;
constexpr std::size_t kDigitValues = 1U << kDigitBits;
static_assert(kDigits * kDigitBits == kTimeBits);

std::uint64_t share(std::uint64_t scale, std::uint64_t weight_q62) {
  return static_cast<std::uint64_t>(static_cast<Wide>(scale) * weight_q62 >> 62);
}

std::uint64_t total_of(std::uint64_t scale, const std::vector<std::uint64_t>& weights) {
  std::uint64_t total = 0;
  for (const std::uint64_t weight : weights) total += share(scale, weight);
  return total;
}

/// The largest scale by which the weights, rounded down one by one, do not add up to more than `spare`.
std::uint64_t fitting_scale(std::uint64_t spare, const std::vector<std::uint64_t>& weights) {
  std::uint64_t low = 0;
  std::uint64_t high = 1;
  while (total_of(high, weights) <= spare && high < 1ULL << 50) high *= 2;
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    (total_of(middle, weights) > spare ? high : low) = middle;
  }
  return low;
}

/// Trace time that a connection of this size takes: size^0.7 / 2000 of the whole, by half to one and a half
/// of that.
std::uint64_t duration_of(std::uint32_t size, Random& random) {
  const std::uint64_t power_q32 = exp2_q32(log2_q32(size) / 10 * 7);
  const std::uint64_t factor_q32 = (1ULL << 31) + (random.next() >> 32);
  const auto time = static_cast<std::uint64_t>(static_cast<Wide>(power_q32) * factor_q32 >> 31);
  return std::min(time / 2000, kTraceTime / 20 * 19);
}

std::vector<std::uint64_t> timed_packets(const std::vector<std::uint32_t>& sizes, std::uint64_t packets,
                                         std::uint64_t seed) {
  std::vector<std::uint64_t> keys;
  keys.reserve(packets);
  Random random(seed);
  for (std::uint64_t connection = 0; connection < sizes.size(); ++connection) {
    const std::uint32_t size = sizes[connection];
    const std::uint64_t duration = duration_of(size, random);
    const auto start =
        static_cast<std::uint64_t>(static_cast<Wide>(random.next()) * (kTraceTime - duration) >> 64);
    const std::uint64_t step_q31 = (duration << 31) / size;
    for (std::uint32_t packet = 0; packet < size; ++packet) {
      const std::uint64_t jitter = size > 2 ? (step_q31 >> 16) * (random.next() >> 48) : 0;
      const std::uint64_t time = start + ((step_q31 * packet + jitter) >> 31);
      keys.push_back(std::min(time, kTraceTime - 1) << kConnectionBits | connection);
    }
  }
  return keys;
}

/// Radix sort by the time bits, least significant digit first; stable, so equal times keep their order.
void sort_by_time(std::vector<std::uint64_t>& keys) {
  std::vector<std::uint64_t> other(keys.size());
  for (int digit = 0; digit < kDigits; ++digit) {
    const int shift = kConnectionBits + digit * kDigitBits;
    std::array<std::uint64_t, kDigitValues + 1> starts{};
    for (const std::uint64_t key : keys) ++starts[(key >> shift & (kDigitValues - 1)) + 1];
    for (std::size_t value = 0; value < kDigitValues; ++value) starts[value + 1] += starts[value];
    for (const std::uint64_t key : keys) other[starts[key >> shift & (kDigitValues - 1)]++] = key;
    std::swap(keys, other);
  }
}

}  // namespace

std::vector<std::uint32_t> connection_sizes(std::uint64_t packets, std::uint32_t connections,
                                            std::uint32_t least, double exponent) {
  constexpr std::uint32_t kRankOffset = 3;
  if (connections == 0) return {};
  const std::uint64_t spare = packets - static_cast<std::uint64_t>(connections) * least;
  std::vector<std::uint32_t> sizes(connections, least);
  std::uint64_t left = spare;
  const auto exponent_q16 = static_cast<std::uint64_t>(std::llround(exponent * 65536));
  if (exponent_q16 == 0) {
    for (auto& size : sizes) size += static_cast<std::uint32_t>(spare / connections);
    left = spare % connections;
  } else {
    std::vector<std::uint64_t> weights(connections);
    for (std::uint32_t rank = 0; rank < connections; ++rank) {
      weights[rank] = exp2_negative_q62((log2_q32(rank + kRankOffset) >> 16) * exponent_q16);
    }
    const std::uint64_t scale = fitting_scale(spare, weights);
    for (std::uint32_t rank = 0; rank < connections; ++rank) {
      const std::uint64_t extra = share(scale, weights[rank]);
      sizes[rank] += static_cast<std::uint32_t>(extra);
      left -= extra;
    }
  }
  for (std::uint64_t rank = 0; left > 0; rank = (rank + 1) % connections, --left) ++sizes[rank];
  return sizes;
}

namespace {

std::vector<std::uint32_t> order_of(std::vector<std::uint64_t> keys) {
  sort_by_time(keys);
  std::vector<std::uint32_t> order(keys.size());
  std::transform(keys.begin(), keys.end(), order.begin(),
                 [](std::uint64_t key) { return static_cast<std::uint32_t>(key & kConnectionMask); });
  return order;
}

}  // namespace

std::vector<std::uint32_t> packet_order(const std::vector<std::uint32_t>& sizes, std::uint64_t packets,
                                        std::uint64_t seed) {
  return order_of(timed_packets(sizes, packets, seed));
}

std::vector<std::uint32_t> all_live_packet_order(const std::vector<std::uint32_t>& sizes,
                                                 std::uint64_t seed) {
  constexpr std::uint64_t kHalf = kTraceTime / 2;
  std::vector<std::uint64_t> keys;
  Random random(seed);
  for (std::uint64_t connection = 0; connection < sizes.size(); ++connection) {
    for (std::uint32_t packet = 0; packet < sizes[connection]; ++packet) {
      const std::uint64_t time = random.next() % kHalf + (packet == 0 ? 0 : kHalf);
      keys.push_back(time << kConnectionBits | connection);
    }
  }
  return order_of(std::move(keys));
}

}  // namespace wireglass
