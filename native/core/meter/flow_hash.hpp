#pragma once

#include <array>
#include <cstdint>

#include "meter/flow_key.hpp"

namespace wireglass {

/// Hash of flow keys under a secret drawn once per process, so that nobody outside can aim at one bucket.
class FlowHash {
 public:
  /// Draws the secret from the kernel.
  FlowHash();
  /// A fixed secret, for tests and repeatable runs.
  explicit FlowHash(std::uint64_t seed);

  std::uint64_t operator()(const FlowKey& key) const;

 private:
  std::array<std::uint64_t, 6> secret_{};
};

}  // namespace wireglass
