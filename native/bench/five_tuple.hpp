#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace wireglass::bench {

/// A unidirectional flow's key, as the minimal loop has it: five words, so that comparing and hashing need no
/// branches. IPv4 addresses stand in the low words; words keep the byte order of the packet.
struct FiveTuple {
  std::uint64_t src_high = 0;
  std::uint64_t src_low = 0;
  std::uint64_t dst_high = 0;
  std::uint64_t dst_low = 0;
  std::uint64_t ports_protocol = 0;  ///< never 0: bit 63 says "IPv4", bit 62 "IPv6"

  bool operator==(const FiveTuple& other) const {
    return ((src_high ^ other.src_high) | (src_low ^ other.src_low) | (dst_high ^ other.dst_high) |
            (dst_low ^ other.dst_low) | (ports_protocol ^ other.ports_protocol)) == 0;
  }
};

/// Reads Ethernet, VLAN tags, IPv4 or IPv6 with extension headers, and the ports of TCP and UDP; nothing
/// else. Returns the octets of the IP packet (RFC 7012, octetDeltaCount), 0 where there is none.
std::uint32_t read_five_tuple(std::span<const std::byte> frame, FiveTuple& key);

/// Two multiplications; no seed, since a limit need not withstand a flood.
inline std::uint64_t hash_of(const FiveTuple& key) {
  __extension__ using Wide = unsigned __int128;
  const auto fold = [](std::uint64_t left, std::uint64_t right) {
    const Wide product = static_cast<Wide>(left) * right;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  };
  const std::uint64_t source = key.src_high ^ (key.src_low + 0x9e37'79b9'7f4a'7c15);
  const std::uint64_t destination = key.dst_high ^ (key.dst_low + 0xbf58'476d'1ce4'e5b9);
  return fold(fold(source, 0x94d0'49bb'1331'11eb) ^ destination ^ key.ports_protocol, 0xd6e8'feb8'6659'fd93);
}

}  // namespace wireglass::bench
