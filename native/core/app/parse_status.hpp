#pragma once

#include <cstdint>

namespace wireglass {

/// What a parser says of bytes from a message's beginning on.
enum class ParseStatus : std::uint8_t {
  kFound,     ///< the message, or as much of it as is asked for, is whole
  kNeedMore,  ///< all that is there fits, and ends too early
  kNotThis,   ///< not such a message, or a malformed one
};

}  // namespace wireglass
