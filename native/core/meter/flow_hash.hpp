#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "meter/flow_key.hpp"

namespace wireglass {

/// Hash of flow keys under a secret drawn once per process, so that nobody outside can aim at one bucket.
///
/// Each pair of key words is masked with two secret words and multiplied to 128 bits, whose halves are
/// folded. Such a product loses everything when a factor is 0; masking makes that a guess of 64 secret bits,
/// and because the three products are joined by xor before the last one, no input word can wipe out what
/// another contributed.
///
/// The flow index takes the lower 32 bits. A worker is chosen by the upper ones: were they shared, each
/// worker would use only its own part of its index.
class FlowHash {
 public:
  /// Draws the secret from the kernel (getrandom(2)).
  FlowHash();
  /// A fixed secret, for tests and repeatable runs.
  explicit FlowHash(std::uint64_t seed);

  std::uint64_t operator()(const FlowKey& key) const { return of_words(key.words()); }

  std::uint64_t of_words(const FlowKey::Words& words) const {
    const std::uint64_t joined = fold(words[0] ^ secret_[0], words[1] ^ secret_[1]) ^
                                 fold(words[2] ^ secret_[2], words[3] ^ secret_[3]) ^
                                 fold(words[4] ^ secret_[4], words[5] ^ secret_[5]);
    return fold(joined ^ secret_[0], kFinalFactor);
  }

  /// Of an unordered pair of addresses.
  std::uint64_t of_peers(const IpAddress& one, const IpAddress& other) const {
    FlowKey key;
    key.addr_a = std::min(one, other);
    key.addr_b = std::max(one, other);
    return (*this)(key);
  }

 private:
  __extension__ using Product = unsigned __int128;
  /// Odd, with its bits spread: the golden ratio in 64 bits.
  static constexpr std::uint64_t kFinalFactor = 0x9e37'79b9'7f4a'7c15;

  static std::uint64_t fold(std::uint64_t left, std::uint64_t right) {
    const Product product = static_cast<Product>(left) * right;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }

  std::array<std::uint64_t, 6> secret_{};
};

}  // namespace wireglass
