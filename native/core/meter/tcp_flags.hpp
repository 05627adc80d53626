#pragma once

#include <cstdint>

/// TCP control bits (RFC 9293 section 3.1).
namespace wireglass::tcp_flag {

inline constexpr std::uint8_t kFin = 0x01;
inline constexpr std::uint8_t kSyn = 0x02;
inline constexpr std::uint8_t kRst = 0x04;
inline constexpr std::uint8_t kAck = 0x10;

inline bool is_plain_syn(std::uint8_t flags) { return (flags & (kSyn | kAck)) == kSyn; }
inline bool is_syn_ack(std::uint8_t flags) { return (flags & (kSyn | kAck)) == (kSyn | kAck); }

}  // namespace wireglass::tcp_flag
