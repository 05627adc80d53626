#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>

#include "app/flow_applications.hpp"
#include "meter/expiry_wheel.hpp"
#include "meter/flow_lifetime.hpp"
#include "meter/flow_meter.hpp"
#include "meter/flow_table.hpp"
#include "meter/interval_meter.hpp"
#include "meter/path_table.hpp"

namespace wireglass {

/// What FlowMeter consists of: the table of flows, the wheel that tells which may be over, and the meter's
/// time. Invariants: an entry is in the wheel exactly while it is live; start_ns <= end_ns <= now_ in every
/// live entry.
struct FlowMeter::Cache {
 public:
  Cache(const MeterConfig& wanted, RecordReceiver record_receiver, SampleReceiver sample_receiver);

  void meter(std::span<const PacketDigest> digests, std::span<const std::uint16_t> places,
             std::span<std::uint64_t> flow_ids);
  TimeNs observe_time(TimeNs timestamp_ns);
  void advance(TimeNs now);
  void flush(EndReason reason);
  std::uint32_t snapshot(std::uint32_t position, std::uint32_t limit, const RecordReceiver& show) const;
  void name_interfaces(std::shared_ptr<const std::vector<InterfaceInfo>> interfaces) {
    interfaces_ = std::move(interfaces);
  }
  const MeterCounters& counters() const { return counters_; }
  TimeNs intervals_complete_until() const;
  const ApplicationCounters* application_counters() const {
    return applications_ ? &applications_->counters() : nullptr;
  }

  /// `wanted` with every value inside its range.
  static MeterConfig in_range(const MeterConfig& wanted);

 private:
  /// Packets whose index slots are fetched ahead; as many lines as fit in a first-level cache beside the
  /// digests.
  static constexpr std::size_t kBlockPackets = 256;
  /// Packets whose entries are fetched ahead: about what the memory system keeps in flight.
  static constexpr std::size_t kGroupPackets = 16;
  static constexpr std::size_t kReapGroupEntries = 16;
  /// Entries that making room looks at before it takes the oldest of them.
  static constexpr std::uint32_t kEvictionProbes = 1'024;
  /// Flows whose interval counts are taken over per block: twice as many as a block can add.
  static constexpr std::uint32_t kIntervalStepFlows = 2 * kBlockPackets;

  /// The entries, as the interval meter sees them.
  class Intervals final : public IntervalFlows {
   public:
    explicit Intervals(FlowTable& table) : table_(table) {}

    void prefetch(std::uint32_t flow_number) const override { table_.prefetch_counters(flow_number); }
    IntervalFlow flow(std::uint32_t flow_number) const override { return of(table_, flow_number); }
    std::uint32_t& interval_slot(std::uint32_t flow_number) override {
      return table_.entry(flow_number).interval_slot;
    }

    static IntervalFlow of(const FlowTable& table, EntryNumber number) {
      const FlowEntry& entry = table.entry(number);
      const bool per_direction = has_identifier_per_direction(entry.key.overlay);
      return {.key = &entry.key,
              .tenant_id = per_direction ? table.endpoints(number).teid[0] : entry.key.tenant_id,
              .forward_from_b = entry.has(flow_state::kForwardFromB),
              .bytes = {entry.directions[0].bytes, entry.directions[1].bytes},
              .packets = {entry.directions[0].packets, entry.directions[1].packets}};
    }

   private:
    FlowTable& table_;
  };

  void meter_block(std::span<const PacketDigest> digests, std::span<const std::uint16_t> places,
                   std::span<std::uint64_t> flow_ids);
  EntryNumber meter_packet(const PacketDigest& digest, EntryNumber guess);
  void account(EntryNumber number, FlowEntry& entry, const PacketDigest& digest);
  void count_in_interval(EntryNumber number, FlowEntry& entry, const PacketDigest& digest, bool forward);
  void count_flow_end(const FlowEntry& entry);
  void note_application(const FlowEntry& entry, FlowExtra& extra, const PacketDigest& digest, bool forward);
  void note_path(EntryNumber number, FlowEntry& entry, const PacketDigest& digest);
  void note_segment(EntryNumber number, FlowEntry& entry, std::uint32_t segment);
  void note_end_of_tcp(EntryNumber number, FlowEntry& entry, std::uint8_t flags, bool forward);
  void move_time(TimeNs timestamp_ns);

  EntryNumber open_flow(const PacketDigest& digest);
  void start_flow(EntryNumber number, FlowEntry& entry, const PacketDigest& digest);
  void renew_if_over(EntryNumber number, FlowEntry& entry, const PacketDigest& digest);
  void open_record(EntryNumber number, FlowEntry& entry, const PacketDigest& digest);
  PathTable::Number path_of(const PacketDigest& digest, bool forward);
  void close_record(EntryNumber number, FlowEntry& entry, EndReason reason);
  FlowRecord record_of(EntryNumber number, EndReason reason) const;
  void release_parts(EntryNumber number);
  void release(EntryNumber number);

  bool reap(EntryNumber number);
  void make_room();
  void prefetch_next_out() const;
  void evict(EntryNumber number);

  MeterConfig config_;
  RecordReceiver receiver_;
  FlowLifetime lifetime_;
  FlowTable table_;
  PathTable paths_;
  std::shared_ptr<const std::vector<InterfaceInfo>> interfaces_;
  std::unique_ptr<FlowApplications> applications_;  ///< null when application fields are not read
  ExpiryWheel wheel_;
  TimeNs now_ = std::numeric_limits<TimeNs>::min();
  std::uint64_t next_flow_id_;
  MeterCounters counters_;
  Intervals interval_flows_;
  std::unique_ptr<IntervalMeter> intervals_;  ///< null: no interval samples
};

}  // namespace wireglass
