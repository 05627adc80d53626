#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "app/flow_applications.hpp"
#include "base/counter.hpp"
#include "base/time.hpp"
#include "meter/flow_batch.hpp"
#include "meter/interval_sample.hpp"
#include "meter/packet_digest.hpp"
#include "meter/protocol_timeouts.hpp"
#include "packet/interface_info.hpp"

namespace wireglass {

struct MeterConfig {
  static constexpr std::uint32_t kMinFlows = 4'096;
  static constexpr std::uint32_t kMaxFlows = 16'777'216;

  ProtocolTimeouts active_timeouts = 60 * kSecondNs;  ///< 1 ms at least
  ProtocolTimeouts idle_timeouts = 15 * kSecondNs;    ///< 1 ms at least
  std::uint32_t max_flows = 262'144;                  ///< kMinFlows to kMaxFlows
  std::uint32_t observation_domain = 1;
  std::uint64_t first_flow_id = 1;   ///< ids are first, first + stride, ...
  std::uint64_t flow_id_stride = 1;  ///< the number of workers
  Recording recording = Recording::kNone;
  std::optional<IntervalConfig> intervals;  ///< none: no interval samples
  std::uint32_t classified_flows = 0;       ///< flows at a time whose application nDPI names; 0: none
  /// Room for application fields per flow of the table.
  std::uint32_t string_bytes_per_flow = ApplicationLimits::kStringBytesPerFlow;
  bool applications = false;        ///< read application fields of flows' first packets
  std::uint32_t sampling_rate = 1;  ///< what records say: one of so many packets or flows is metered
};

struct MeterCounters {
  Counter packets;  ///< packets metered
  Counter bytes;    ///< IP octets metered
  Counter flows_created;
  Counter flows_live;
  Counter records;                                                ///< records handed to the receiver
  std::array<Counter, kEndReasonNames.size()> records_by_reason;  ///< of those; by EndReason
  Counter flows_evicted;                                          ///< flows closed for lack of resources
  Counter paths_refused;  ///< flows metered without MACs and outer addresses, as too many paths are in use
  Counter clock_steps;    ///< times that the packets' time went back by more than the idle timeout
};

/// Receives closed records, in the worker's thread. It must not call the meter that called it.
using RecordReceiver = std::function<void(const FlowRecord&)>;

/// The biflow cache of one worker (RFC 5103, RFC 6728 section 4.3 for the timeouts). One thread owns it; the
/// counters may be read from any.
///
/// Time is that of the packets: the latest time stamp so far, which advance() carries on where no packets
/// come.
/// - Idle timeout: a flow without a packet for longer is closed (idle_timeout); the next packet of its key
/// starts a
///   new flow with a new id.
/// - Active timeout: a record older than this is closed (active_timeout); the flow's next packet opens its
/// next record
///   (same flow id, record_index one more).
/// - Whichever of the two came first is the reason; a TCP end outranks every other. Both are exact when a
/// packet meets its flow and lazy otherwise, so
///   the records are the same however often advance() runs; only when they are handed over differs.
/// - TCP: after an RST, or a FIN of both sides and an acknowledgement, the flow lingers for 1 s without a
/// packet (never
///   longer than the idle timeout), so that trailing acknowledgements and what is sent again belong to it.
///   Then it is closed with end_of_flow. A SYN without ACK does not wait: it closes what has ended, or a
///   connection that began with another sequence number, and starts a new flow. Where the last
///   acknowledgement never comes, the idle timeout closes the flow, with end_of_flow too.
/// - A record whose counters have no room for one more packet is closed as by the active timeout.
/// - Packets out of order belong to their flow: they may move a record's start back, never its end. Time that
/// goes back
///   by more than the idle timeout (another file, a clock that was set) closes every flow with forced_end.
/// - A full table makes room by closing the flow that has been quiet longest (to within a tick of the expiry
/// wheel,
///   about 1/256 of the shorter timeout) with lack_of_resources; what has expired goes first, for its own
///   reason.
/// - Direction: a SYN without ACK as the first packet makes its source the initiator, a SYN with ACK its
/// destination;
///   otherwise the first packet's source takes that place and biflow_direction says arbitrary.
class FlowMeter {
 public:
  /// Entries that one advance() touches at most.
  static constexpr std::uint32_t kExpiryStepEntries = 4'096;
  /// Entries that one snapshot() looks at, at most, besides those that it shows.
  static constexpr std::uint32_t kSnapshotStepEntries = 65'536;

  /// Values outside a setting's range count as the nearest one inside. Throws std::bad_alloc when the address
  /// space for the cache cannot be had.
  FlowMeter(const MeterConfig& config, RecordReceiver receiver, SampleReceiver sample_receiver = {});
  ~FlowMeter();
  FlowMeter(const FlowMeter&) = delete;
  FlowMeter& operator=(const FlowMeter&) = delete;

  /// Names of the interfaces that digests from now on tell by number; records of a number beyond them have
  /// none.
  void name_interfaces(std::shared_ptr<const std::vector<InterfaceInfo>> interfaces);

  /// Meters, of these digests, those at `places` in that order; writes each one's flow id to `flow_ids`,
  /// which is empty or as long as `places`.
  void meter(std::span<const PacketDigest> digests, std::span<const std::uint16_t> places,
             std::span<std::uint64_t> flow_ids);
  /// Meters all of them; `flow_ids` is empty or as long as `digests`.
  void meter(std::span<const PacketDigest> digests, std::span<std::uint64_t> flow_ids);

  /// Moves the meter's time as a packet with this time stamp does, which another meter of the same input
  /// accounts for. Returns the meter's time.
  TimeNs observe_time(TimeNs timestamp_ns);

  /// Moves the meter's time on and closes what timed out, within a tick of the expiry wheel. `now` must be
  /// from the clock that stamps the packets. Time never runs backwards; an earlier `now` leaves it where it
  /// is.
  void advance(TimeNs now);

  /// Closes every flow with this reason (forced_end when a capture stops); what was over before, for its own
  /// reason. Hands out every interval sample.
  void flush(EndReason reason);

  /// Live flows as records (end_reason live), from entry `position` on, at most `limit` of them; perhaps
  /// fewer, or none, although more follow. Returns the position to go on from; 0 when all have been shown. A
  /// flow that lives from the first call to the last is shown exactly once; one whose record was just closed
  /// shows up with its next packet.
  std::uint32_t snapshot(std::uint32_t position, std::uint32_t limit, const RecordReceiver& receiver) const;

  const MeterCounters& counters() const;
  /// Null when application fields are not read.
  const ApplicationCounters* application_counters() const;

  /// Before this time every interval's samples, but for later corrections, have been handed out.
  TimeNs intervals_complete_until() const;

  /// Memory that the cache takes with this configuration when every part of it is in use, in bytes.
  static std::uint64_t memory_bytes(const MeterConfig& config);

 private:
  struct Cache;
  std::unique_ptr<Cache> cache_;
};

}  // namespace wireglass
