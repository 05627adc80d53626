#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "base/counter.hpp"
#include "base/time.hpp"
#include "meter/flow_batch.hpp"
#include "meter/packet_digest.hpp"

namespace wireglass {

struct MeterConfig {
  TimeNs active_timeout_ns = 60 * kSecondNs;
  TimeNs idle_timeout_ns = 15 * kSecondNs;
  std::uint32_t max_flows = 262'144;  ///< 4 096 to 16 777 216
  std::uint32_t observation_domain = 1;
  std::uint64_t first_flow_id = 1;   ///< ids are first, first + stride, ...
  std::uint64_t flow_id_stride = 1;  ///< the number of workers
  Recording recording = Recording::kNone;
};

struct MeterCounters {
  Counter packets;        ///< packets metered
  Counter bytes;          ///< IP octets metered
  Counter flows_created;
  Counter flows_live;
  Counter records;        ///< records handed to the receiver
  Counter flows_evicted;  ///< records closed for lack of resources
};

/// Receives closed records, in the worker's thread.
using RecordReceiver = std::function<void(const FlowRecord&)>;

/// The biflow cache of one worker (RFC 5103, RFC 6728 section 4.3 for the timeouts). One thread owns it.
/// Expiry is exact when a packet meets its flow (a packet beyond a timeout opens a new record or flow) and lazy
/// otherwise: advance() touches a bounded number of entries per call.
class FlowMeter {
 public:
  /// Entries that one advance() touches at most.
  static constexpr std::uint32_t kExpiryStepEntries = 4'096;

  FlowMeter(const MeterConfig& config, RecordReceiver receiver);
  ~FlowMeter();
  FlowMeter(const FlowMeter&) = delete;
  FlowMeter& operator=(const FlowMeter&) = delete;

  /// Meters packets in order; writes each packet's flow id to `flow_ids` (as long as `digests`).
  void meter(std::span<const PacketDigest> digests, std::span<std::uint64_t> flow_ids);

  /// Moves the meter's time on and closes what timed out. Time never runs backwards; an earlier `now` is ignored.
  void advance(TimeNs now);

  /// Closes every flow with this reason (forced_end when a capture stops).
  void flush(EndReason reason);

  /// Live flows as records (end_reason live), from entry `position` on, at most `limit` of them.
  /// Returns the position to go on from; 0 when all have been shown.
  std::uint32_t snapshot(std::uint32_t position, std::uint32_t limit, const RecordReceiver& receiver) const;

  const MeterCounters& counters() const;

  /// Memory that the cache takes with this configuration, in bytes.
  static std::uint64_t memory_bytes(const MeterConfig& config);

 private:
  struct Cache;
  std::unique_ptr<Cache> cache_;
};

}  // namespace wireglass
