#pragma once

#include <cstddef>
#include <cstdint>

#include "packet/link_type.hpp"

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

/// The link type of a value that stands in a file. Raw IP has been written as the DLT_RAW of the writing
/// system, 12 or 14, by programs that did not translate it to LINKTYPE_RAW.
inline LinkType link_type_from_file(std::uint16_t value) {
  constexpr std::uint16_t kDltRaw = 12;
  constexpr std::uint16_t kDltRawOpenBsd = 14;
  if (value == kDltRaw || value == kDltRawOpenBsd) return LinkType::kRaw;
  return link_type_of(value);
}

}  // namespace wireglass
