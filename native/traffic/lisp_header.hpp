#pragma once

#include <cstddef>
#include <cstdint>

namespace wireglass {

inline constexpr std::uint32_t kLispHeaderBytes = 8;
inline constexpr std::uint16_t kLispDataPort = 4341;
inline constexpr std::uint16_t kLispControlPort = 4342;

/// Which optional parts a LISP header has (RFC 9300 section 5.3).
struct LispVariant {
  bool nonce = false;        ///< N: the first word ends with a nonce
  bool lsb = false;          ///< L: locator-status-bits are valid
  bool echo_nonce = false;   ///< E: asks the peer to echo the nonce; only with N
  bool map_version = false;  ///< V: the first word ends with two map-versions; never with N
  bool instance =
      false;  ///< I: the second word starts with the instance ID and has 8 locator-status-bits left
};

/// {none, N, N+E, V} × L × I: all that section 5.3 allows.
inline constexpr std::uint32_t kLispVariants = 16;
LispVariant lisp_variant(std::uint32_t index);

/// A LISP header; fields that its variant does not have are zero.
struct LispHeader {
  LispVariant variant;
  std::uint32_t nonce = 0;        ///< 24 bits
  std::uint16_t src_version = 0;  ///< 12 bits
  std::uint16_t dst_version = 0;
  std::uint32_t instance_id = 0;  ///< 24 bits
  std::uint32_t lsb = 0;          ///< 32 bits, 8 with an instance ID
};
void put_lisp(std::byte* at, const LispHeader& header);

}  // namespace wireglass
