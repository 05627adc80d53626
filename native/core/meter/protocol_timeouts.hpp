#pragma once

#include <array>
#include <cstdint>

#include "base/time.hpp"
#include "meter/ip_protocol.hpp"

namespace wireglass {

/// What protocols have a timeout of their own.
enum class TimeoutClass : std::uint8_t { kOther, kTcp, kUdp, kIcmp };
inline constexpr std::size_t kTimeoutClasses = 4;

inline constexpr std::array<TimeoutClass, 256> kTimeoutClassOf = [] {
  std::array<TimeoutClass, 256> classes{};
  classes[ip_protocol::kTcp] = TimeoutClass::kTcp;
  classes[ip_protocol::kUdp] = TimeoutClass::kUdp;
  classes[ip_protocol::kIcmp] = TimeoutClass::kIcmp;
  classes[ip_protocol::kIcmpv6] = TimeoutClass::kIcmp;
  return classes;
}();

/// A timeout per class of protocols.
struct ProtocolTimeouts {
  TimeNs tcp_ns = 0;
  TimeNs udp_ns = 0;
  TimeNs icmp_ns = 0;
  TimeNs other_ns = 0;

  ProtocolTimeouts() = default;
  /// The same for all.
  ProtocolTimeouts(TimeNs all_ns)  // NOLINT(google-explicit-constructor): most settings are one number
      : tcp_ns(all_ns), udp_ns(all_ns), icmp_ns(all_ns), other_ns(all_ns) {}
};

}  // namespace wireglass
