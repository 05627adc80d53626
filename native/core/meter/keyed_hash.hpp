#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace wireglass {

/// Hash of a few words under a secret, so that nobody outside can choose keys that collide. The same
/// construction as FlowHash: words in pairs, each masked by a secret one, multiplied to 128 bits and folded.
class KeyedHash {
 public:
  /// Draws the secret from the kernel (getrandom(2)).
  KeyedHash();
  /// A fixed secret, for tests.
  explicit KeyedHash(std::uint64_t seed);

  template <std::size_t kWords>
  std::uint64_t operator()(const std::array<std::uint64_t, kWords>& words) const {
    static_assert(kWords >= 1 && kWords <= kMaxWords);
    std::uint64_t joined = 0;
    for (std::size_t word = 0; word + 1 < kWords; word += 2) {
      joined ^= fold(words[word] ^ secret_[word], words[word + 1] ^ secret_[word + 1]);
    }
    if constexpr (kWords % 2 != 0) joined ^= fold(words[kWords - 1] ^ secret_[kWords - 1], secret_[kWords]);
    return fold(joined ^ secret_[0], kFinalFactor);
  }

 private:
  __extension__ using Product = unsigned __int128;
  static constexpr std::size_t kMaxWords = 5;
  /// Odd, with its bits spread: the golden ratio in 64 bits.
  static constexpr std::uint64_t kFinalFactor = 0x9e37'79b9'7f4a'7c15;

  static std::uint64_t fold(std::uint64_t left, std::uint64_t right) {
    const Product product = static_cast<Product>(left) * right;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }

  std::array<std::uint64_t, kMaxWords + 1> secret_{};
};

}  // namespace wireglass
