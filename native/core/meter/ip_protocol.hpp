#pragma once

#include <cstdint>

namespace wireglass::ip_protocol {

// IANA protocol numbers that the meter treats each in its way.
inline constexpr std::uint8_t kIcmp = 1;
inline constexpr std::uint8_t kTcp = 6;
inline constexpr std::uint8_t kUdp = 17;
inline constexpr std::uint8_t kIcmpv6 = 58;
inline constexpr std::uint8_t kSctp = 132;

inline bool is_icmp(std::uint8_t protocol) { return protocol == kIcmp || protocol == kIcmpv6; }

}  // namespace wireglass::ip_protocol
