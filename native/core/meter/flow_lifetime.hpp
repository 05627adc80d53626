#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/time.hpp"
#include "meter/expiry_wheel.hpp"
#include "meter/flow_entry.hpp"
#include "packet/generated/flow_enums.hpp"

namespace wireglass {

/// TCP control bits (RFC 9293 section 3.1).
namespace tcp_flag {
inline constexpr std::uint8_t kFin = 0x01;
inline constexpr std::uint8_t kSyn = 0x02;
inline constexpr std::uint8_t kRst = 0x04;
inline constexpr std::uint8_t kAck = 0x10;

inline bool is_plain_syn(std::uint8_t flags) { return (flags & (kSyn | kAck)) == kSyn; }
inline bool is_syn_ack(std::uint8_t flags) { return (flags & (kSyn | kAck)) == (kSyn | kAck); }
}  // namespace tcp_flag

/// Nanoseconds from `earlier` to `later`, which must not lie before it; exact however far they are apart.
inline std::uint64_t elapsed_ns(TimeNs earlier, TimeNs later) {
  return static_cast<std::uint64_t>(later) - static_cast<std::uint64_t>(earlier);
}

inline WheelTime wheel_time(TimeNs time) {
  return static_cast<std::uint64_t>(time) ^ (std::uint64_t{1} << 63);
}

inline WheelTime saturating_add(WheelTime time, std::uint64_t duration_ns) {
  return duration_ns > std::numeric_limits<WheelTime>::max() - time ? std::numeric_limits<WheelTime>::max()
                                                                    : time + duration_ns;
}

/// When a flow's records end. All of it is a function of the packets alone, never of when someone looked, so
/// that lookups and the expiry wheel always reach the same verdict.
class FlowLifetime {
 public:
  /// How long a TCP flow whose end was seen stays for what trails it.
  static constexpr TimeNs kTcpLingerNs = kSecondNs;

  FlowLifetime(TimeNs active_timeout_ns, TimeNs idle_timeout_ns)
      : active_ns_(static_cast<std::uint64_t>(active_timeout_ns)),
        idle_ns_(static_cast<std::uint64_t>(idle_timeout_ns)),
        linger_ns_(static_cast<std::uint64_t>(std::min(idle_timeout_ns, kTcpLingerNs))) {}

  std::uint64_t idle_ns() const { return idle_ns_; }
  std::uint64_t shortest_ns() const { return std::min(active_ns_, idle_ns_); }

  /// The flow has had no packet for longer than it may: the next one starts another flow.
  bool flow_over(const FlowEntry& entry, TimeNs now) const {
    return elapsed_ns(entry.end_ns, now) > quiet_limit_ns(entry);
  }

  /// The record has lasted for longer than the active timeout.
  bool record_over(const FlowEntry& entry, TimeNs now) const {
    return elapsed_ns(entry.start_ns, now) > active_ns_;
  }

  /// Why the open record ended by `now`; nothing while it goes on. What came first counts; a TCP end outranks
  /// both.
  std::optional<EndReason> end_of_record(const FlowEntry& entry, TimeNs now) const {
    const bool quiet = flow_over(entry, now);
    const bool long_lasting = record_over(entry, now);
    if (!quiet && !long_lasting) return std::nullopt;
    if (ended_by_tcp(entry)) return EndReason::kEndOfFlow;
    if (long_lasting && record_deadline(entry) < flow_deadline(entry)) return EndReason::kActiveTimeout;
    return quiet ? EndReason::kIdleTimeout : EndReason::kActiveTimeout;
  }

  /// Both sides sent FIN, or one RST: the connection is over or lacks only the last acknowledgement.
  static bool ended_by_tcp(const FlowEntry& entry) {
    return entry.has(flow_state::kEnded) || entry.has(flow_state::kFinBoth);
  }

  /// Why a record that something else closes ended: for `reason`, unless its connection was over already.
  static EndReason unless_ended(const FlowEntry& entry, EndReason reason) {
    return ended_by_tcp(entry) ? EndReason::kEndOfFlow : reason;
  }

  /// Last moment at which a packet still belongs to the flow.
  WheelTime flow_deadline(const FlowEntry& entry) const {
    return saturating_add(wheel_time(entry.end_ns), quiet_limit_ns(entry));
  }

  /// Last moment at which nothing needs to be done about the entry.
  WheelTime deadline(const FlowEntry& entry) const {
    const WheelTime flow = flow_deadline(entry);
    return entry.has(flow_state::kRecordClosed) ? flow : std::min(flow, record_deadline(entry));
  }

 private:
  std::uint64_t quiet_limit_ns(const FlowEntry& entry) const {
    return entry.has(flow_state::kEnded) ? linger_ns_ : idle_ns_;
  }
  WheelTime record_deadline(const FlowEntry& entry) const {
    return saturating_add(wheel_time(entry.start_ns), active_ns_);
  }

  std::uint64_t active_ns_;
  std::uint64_t idle_ns_;
  std::uint64_t linger_ns_;
};

/// Follows the end of a TCP connection (RFC 9293 section 3.6) by its flags. Returns true when this packet
/// ended it: an RST, or the first acknowledgement after a FIN of each side that is not itself a FIN sent
/// again.
inline bool note_tcp_end(FlowEntry& entry, std::uint8_t flags, bool forward) {
  if (entry.has(flow_state::kEnded)) return false;
  if ((flags & tcp_flag::kRst) != 0) {
    entry.set(flow_state::kEnded);
    return true;
  }
  if ((flags & tcp_flag::kFin) != 0) {
    entry.set(forward ? flow_state::kFinForward : flow_state::kFinReverse);
    return false;
  }
  if (!entry.has(flow_state::kFinBoth) || (flags & tcp_flag::kAck) == 0) return false;
  entry.set(flow_state::kEnded);
  return true;
}

}  // namespace wireglass
