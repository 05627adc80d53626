#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace wireglass {

inline void put8(std::byte* at, std::uint8_t value) { *at = static_cast<std::byte>(value); }

inline void put16(std::byte* at, std::uint16_t value) {
  value = __builtin_bswap16(value);
  std::memcpy(at, &value, sizeof(value));
}

inline void put32(std::byte* at, std::uint32_t value) {
  value = __builtin_bswap32(value);
  std::memcpy(at, &value, sizeof(value));
}

inline void put64(std::byte* at, std::uint64_t value) {
  value = __builtin_bswap64(value);
  std::memcpy(at, &value, sizeof(value));
}

/// Sum of the bytes as big-endian words, an odd last byte padded with zero (RFC 1071). Sums of parts with
/// even length add up. The words are 32 bits wide: modulo 0xffff that is the same as two of 16 bits.
inline std::uint64_t word_sum(const std::byte* bytes, std::size_t size) {
  std::uint64_t sum = 0;
  std::size_t at = 0;
  for (; at + 4 <= size; at += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes + at, sizeof(word));
    sum += __builtin_bswap32(word);
  }
  for (; at < size; ++at) sum += std::to_integer<std::uint64_t>(bytes[at]) << (at % 2 == 0 ? 8 : 0);
  return sum;
}

/// The Internet checksum of a sum of words (RFC 1071).
inline std::uint16_t checksum_of(std::uint64_t sum) {
  while ((sum >> 16) != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

}  // namespace wireglass
