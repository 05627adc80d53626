#pragma once

#include <cstddef>
#include <cstdint>

namespace wireglass {

/// Largest packet or block taken in; a larger one is damage.
inline constexpr std::uint32_t kMaxRecordBytes = 16u << 20;

/// What a format's parser makes of the bytes at the front of the window.
struct RecordStep {
  enum class Outcome : std::uint8_t {
    kPacket,   ///< a packet of `bytes` with its header
    kSkip,     ///< `bytes` without a packet
    kMore,     ///< at least `bytes` have to be in the window
    kDamaged,  ///< the parser's damage() tells what was expected; `bytes` is where, counted from the window's
               ///< front
  };
  Outcome outcome;
  std::size_t bytes;
};

}  // namespace wireglass
