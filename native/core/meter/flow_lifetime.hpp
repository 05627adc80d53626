#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/time.hpp"
#include "meter/expiry_wheel.hpp"
#include "meter/flow_entry.hpp"
#include "meter/protocol_timeouts.hpp"
#include "meter/tcp_flags.hpp"
#include "packet/generated/flow_enums.hpp"

namespace wireglass {

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

  /// Both of 1 ns at least.
  FlowLifetime(const ProtocolTimeouts& active, const ProtocolTimeouts& idle)
      : active_ns_(by_class(active)),
        idle_ns_(by_class(idle)),
        shortest_active_ns_(*std::min_element(active_ns_.begin(), active_ns_.end())),
        shortest_idle_ns_(*std::min_element(idle_ns_.begin(), idle_ns_.end())),
        linger_ns_(std::min<std::uint64_t>(idle_ns_[static_cast<std::size_t>(TimeoutClass::kTcp)],
                                           static_cast<std::uint64_t>(kTcpLingerNs))) {}

  /// Of all protocols.
  std::uint64_t longest_idle_ns() const { return *std::max_element(idle_ns_.begin(), idle_ns_.end()); }
  std::uint64_t shortest_ns() const { return std::min(shortest_active_ns_, shortest_idle_ns_); }

  /// Quick to say, and false for nearly every packet: neither the flow nor its record is over, and the record
  /// takes further packets.
  bool may_be_over(const FlowEntry& entry, TimeNs now) const {
    return elapsed_ns(entry.end_ns, now) > shortest_idle_ns_ ||
           elapsed_ns(entry.start_ns, now) > shortest_active_ns_ ||
           entry.has_any(flow_state::kRecordClosed | flow_state::kRecordFull | flow_state::kEnded);
  }

  /// The flow has had no packet for longer than it may: the next one starts another flow.
  bool flow_over(const FlowEntry& entry, TimeNs now) const {
    return elapsed_ns(entry.end_ns, now) > quiet_limit_ns(entry);
  }

  /// The record has lasted for longer than the active timeout.
  bool record_over(const FlowEntry& entry, TimeNs now) const {
    return elapsed_ns(entry.start_ns, now) > active_ns(entry);
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
  using ByClass = std::array<std::uint64_t, kTimeoutClasses>;

  static ByClass by_class(const ProtocolTimeouts& timeouts) {
    ByClass values{};
    values[static_cast<std::size_t>(TimeoutClass::kTcp)] = static_cast<std::uint64_t>(timeouts.tcp_ns);
    values[static_cast<std::size_t>(TimeoutClass::kUdp)] = static_cast<std::uint64_t>(timeouts.udp_ns);
    values[static_cast<std::size_t>(TimeoutClass::kIcmp)] = static_cast<std::uint64_t>(timeouts.icmp_ns);
    values[static_cast<std::size_t>(TimeoutClass::kOther)] = static_cast<std::uint64_t>(timeouts.other_ns);
    return values;
  }
  static std::size_t class_of(const FlowEntry& entry) {
    return static_cast<std::size_t>(kTimeoutClassOf[entry.key.protocol]);
  }

  std::uint64_t active_ns(const FlowEntry& entry) const { return active_ns_[class_of(entry)]; }
  std::uint64_t quiet_limit_ns(const FlowEntry& entry) const {
    return entry.has(flow_state::kEnded) ? linger_ns_ : idle_ns_[class_of(entry)];
  }
  WheelTime record_deadline(const FlowEntry& entry) const {
    return saturating_add(wheel_time(entry.start_ns), active_ns(entry));
  }

  ByClass active_ns_;
  ByClass idle_ns_;
  std::uint64_t shortest_active_ns_;
  std::uint64_t shortest_idle_ns_;
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
