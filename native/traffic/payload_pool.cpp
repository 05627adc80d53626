#include "traffic/payload_pool.hpp"

#include "traffic/random.hpp"

namespace wireglass {

PayloadPool::PayloadPool(std::uint64_t seed)
    : bytes_(kMaxPayloadBytes + kOffsets * 2 + 2), sums_(bytes_.size() / 2 + 1) {
  Random random(seed);
  for (auto& byte : bytes_) byte = static_cast<std::byte>(random.next());
  for (std::size_t word = 0; word + 1 < sums_.size(); ++word) {
    sums_[word + 1] = sums_[word] + word_sum(bytes_.data() + word * 2, 2);
  }
}

}  // namespace wireglass
