#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace wireglass {

/// An IP address as two 64-bit halves in host byte order. IPv4 is mapped as ::ffff:a.b.c.d (RFC 4291
/// section 2.5.5.2), so that one comparison orders both families.
struct IpAddress {
  std::uint64_t hi = 0;
  std::uint64_t lo = 0;

  static constexpr std::uint64_t kMappedPrefix = 0x0000'ffff'0000'0000;

  /// From 4 bytes in network order.
  static IpAddress from_ipv4(const std::byte* bytes) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes, sizeof(word));
    return {0, kMappedPrefix | __builtin_bswap32(word)};
  }

  /// From 16 bytes in network order.
  static IpAddress from_ipv6(const std::byte* bytes) {
    IpAddress address;
    std::memcpy(&address.hi, bytes, 8);
    std::memcpy(&address.lo, bytes + 8, 8);
    return {__builtin_bswap64(address.hi), __builtin_bswap64(address.lo)};
  }

  bool is_ipv4() const { return hi == 0 && (lo >> 32) == 0xffff; }
  friend bool operator==(const IpAddress&, const IpAddress&) = default;
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

  /// Text as people write it: dotted for IPv4, RFC 5952 for IPv6.
  std::string to_string() const;
};

static_assert(std::endian::native == std::endian::little, "the byte swaps above are for little-endian hosts");

}  // namespace wireglass
