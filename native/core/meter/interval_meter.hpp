#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <vector>

#include "base/time.hpp"
#include "meter/interval_sample.hpp"
#include "meter/mapped_array.hpp"

namespace wireglass {

/// A flow as the interval meter sees it: its key and what its open record has counted so far.
struct IntervalFlow {
  const FlowKey* key = nullptr;
  std::uint32_t tenant_id = 0;  ///< as the flow's records tell it
  bool forward_from_b = false;
  std::array<std::uint64_t, 2> bytes{};    ///< [0] forward
  std::array<std::uint32_t, 2> packets{};  ///< as bytes
};

/// The flow table, as far as the interval meter asks it about flows that it was told of.
class IntervalFlows {
 public:
  virtual ~IntervalFlows() = default;
  virtual void prefetch(std::uint32_t flow_number) const = 0;
  virtual IntervalFlow flow(std::uint32_t flow_number) const = 0;
  /// The four bytes that each flow keeps for the interval meter; 0 in a new flow.
  virtual std::uint32_t& interval_slot(std::uint32_t flow_number) = 0;
};

/// Counts the packets of one worker by interval (aligned to multiples of its length since 1970).
///
/// A packet of the current interval costs one increment of a joint cell (PacketCells) and a look at its
/// flow's slot. The first packet of a flow in an interval takes down what the flow had counted so far, in the
/// next slot of a ring; what it exchanged in the interval is the difference, taken over once: when the flow's
/// first packet of a later interval comes, when its record closes, or in step(). A full ring takes its oldest
/// slots over early, which changes no sum; it does so for one in kCrowdedPackets of the packets that find it
/// full, which makes kCrowdedSlots, so that whoever sends much gets one soon, and counts the others one by
/// one.
///
/// Samples: an interval is current until a packet, or advance(), begins a later one. It is handed out when
/// all its slots are taken over and the lateness has passed; until then late packets join it. One that is
/// later still opens another sample of its interval, handed out like the first one: samples of one interval
/// add, and the sum over all samples is exact whatever the order of packets. At most kMaxOpenSamples are
/// open; when one more is needed, the oldest is handed out early.
///
/// One thread owns it. No allocation per packet.
class IntervalMeter {
 public:
  static constexpr std::size_t kMaxOpenSamples = 16;
  /// Slots that the first packet of a flow takes over at most, besides its own, when the ring is full.
  static constexpr std::uint32_t kCrowdedSlots = 16;
  /// One in so many packets that find the ring full makes room in it.
  static constexpr std::uint32_t kCrowdedPackets = 256;

  IntervalMeter(const IntervalConfig& config, const KeyedHash& hash, IntervalFlows& flows,
                SampleReceiver receiver);

  /// Counts a packet that was read, whatever becomes of it.
  void count_captured(std::uint32_t interface_id, TimeNs timestamp_ns, std::uint32_t wire_bytes) {
    if (is_current(timestamp_ns) && interface_id == sole_interface_) [[likely]] {
      unfolded_.captured.add(1, wire_bytes);
    } else {
      captured_elsewhere(interface_id, timestamp_ns, wire_bytes);
    }
  }
  void count_refused(std::uint32_t interface_id, TimeNs timestamp_ns, DecodeStatus status);

  /// Counts a packet of a flow, before the flow counts it. `slot` is the flow's interval_slot. False: what
  /// is quick did not do, call count_packet_in.
  bool count_packet(std::uint32_t slot, const PacketDigest& digest) {
    const bool quick = slot - first_slot_ < current_slots_ && is_current(digest.timestamp_ns) &&
                       digest.interface_id == sole_interface_;
    if (quick) [[likely]]
      cells_->cells[PacketCells::cell_of(digest)].add(1, digest.ip_bytes);
    return quick;
  }
  void count_packet_in(std::uint32_t flow_number, std::uint32_t& slot, const IntervalFlow& flow,
                       const PacketDigest& digest, bool forward);

  void count_flow_start(const PacketDigest& digest) {
    if (is_current(digest.timestamp_ns) && digest.interface_id == sole_interface_) [[likely]] {
      ++unfolded_.flows_started;
    } else {
      flow_start_elsewhere(digest);
    }
  }
  /// A flow ends when the meter notices, which is in the current interval; without one it is not counted.
  void count_flow_end(std::uint32_t interface_id) {
    if (current_span_ns_ != 0 && interface_id == sole_interface_) [[likely]] {
      ++unfolded_.flows_ended;
    } else {
      flow_end_elsewhere(interface_id);
    }
  }

  /// To be called before a flow's record, and with it what it counted, is closed; sets its slot to 0.
  void take_over(std::uint32_t& slot, const IntervalFlow& flow) {
    if (slot != 0) take_over_slot(slot, flow);
  }

  /// Takes over up to `limit` slots of past intervals and hands out what is finished by `now`. To be called
  /// at least once per limit/2 packets.
  void step(std::uint32_t limit, TimeNs now);
  /// Ends the current interval if `now` is beyond it, where no packet did, and begins the first one; not when
  /// `now` is the lowest time.
  void advance(TimeNs now);
  /// Hands out everything; the next packet begins anew. Every flow that has a slot must have been taken over.
  void finish();
  /// Before this time, everything but later corrections has been handed out; the lowest time before the first
  /// packet.
  TimeNs complete_until() const;

  /// Memory with one interface, all slots and all samples in use.
  static std::uint64_t memory_bytes(const IntervalConfig& config);
  static IntervalConfig in_range(const IntervalConfig& wanted);

 private:
  static constexpr std::uint32_t kNoInterface = 0x1'0000;        ///< no packet yet
  static constexpr std::uint32_t kSeveralInterfaces = 0x1'0001;  ///< which one is told by each slot
  static constexpr std::uint8_t kUnset = 0xff;
  static constexpr std::uint8_t kNoSample = 0xff;
  static constexpr std::uint8_t kPlaces = kMaxOpenSamples;
  static constexpr std::uint32_t kGroupSlots = 16;
  static constexpr std::uint32_t kLastSlot = std::numeric_limits<std::uint32_t>::max();

  /// What a flow had counted when its first packet of the interval came.
  struct Slot {
    std::uint32_t flow_number;
    std::uint8_t sample;  ///< place in open_; kNoSample once taken over
    std::uint8_t reserved;
    std::array<std::uint8_t, 2> interface;  ///< by direction; kUnset: no packet that way yet
    std::array<std::uint32_t, 2> packets;
    std::array<std::uint64_t, 2> bytes;
  };
  static_assert(sizeof(Slot) == 32);

  /// Counted in the current interval at the sole interface, not in the sample yet.
  struct Unfolded {
    TrafficCount captured;
    std::uint64_t flows_started = 0;
    std::uint64_t flows_ended = 0;
  };

  struct OpenSample {
    std::unique_ptr<IntervalSample> sample;
    bool open = false;
    std::uint32_t waiting_slots = 0;
    TimeNs until_ns = 0;  ///< when it is handed out
  };

  bool is_current(TimeNs timestamp_ns) const {
    return static_cast<std::uint64_t>(timestamp_ns) - static_cast<std::uint64_t>(begin_ns_) <
           current_span_ns_;
  }
  bool in_current_slots(std::uint32_t slot) const { return slot - first_slot_ < current_slots_; }
  TimeNs start_of(TimeNs timestamp_ns) const;

  void captured_elsewhere(std::uint32_t interface_id, TimeNs timestamp_ns, std::uint32_t wire_bytes);
  void flow_start_elsewhere(const PacketDigest& digest);
  void flow_end_elsewhere(std::uint32_t interface_id);
  std::size_t note_interface(std::uint32_t interface_id);
  InterfaceCounts& counts_at(std::uint32_t interface_id, TimeNs timestamp_ns);
  std::uint8_t sample_at(TimeNs timestamp_ns);
  void begin_interval(TimeNs timestamp_ns);
  std::uint8_t open_sample(TimeNs start_ns);
  std::uint8_t free_place();
  void hand_out(std::uint8_t place);
  void fold_unfolded();
  void fold_cells();

  void count_packet_elsewhere(std::uint32_t flow_number, std::uint32_t& slot, const IntervalFlow& flow,
                              const PacketDigest& digest, bool forward);
  static void count_alone(IntervalSample& sample, std::size_t interface, const IntervalFlow& flow,
                          const PacketDigest& digest, bool forward);
  void count_late(const std::uint32_t& slot, const IntervalFlow& flow, const PacketDigest& digest,
                  bool forward);
  void open_slot(std::uint32_t flow_number, std::uint32_t& slot, const IntervalFlow& flow,
                 std::size_t interface, bool forward);
  void make_room_in_ring();
  void take_over_slot(std::uint32_t& slot, const IntervalFlow& flow);
  void take_over_at_two_interfaces(const Slot& taken, const FlowKey& key, const Exchange& exchange);
  /// The flows of `count` slots, for a takeover that comes soon.
  void prefetch_flows(std::uint32_t first_slot, std::uint32_t count);
  std::uint32_t take_over_oldest(std::uint32_t limit, std::uint32_t end);

  bool ring_is_full() const { return next_slot_ - oldest_slot_ > ring_mask_; }
  bool numbers_end_soon() const { return next_slot_ > kLastSlot - 2 * (ring_mask_ + 1); }
  Slot& slot_at(std::uint32_t slot) { return ring_[slot & ring_mask_]; }

  IntervalConfig config_;
  KeyedHash hash_;
  IntervalFlows& flows_;
  SampleReceiver receiver_;

  // What count_packet reads. Slots have consecutive numbers from 1 on: those from oldest_slot_ to next_slot_
  // may wait, from first_slot_ on for the current interval. 0 is never among them.
  TimeNs begin_ns_ = 0;
  std::uint64_t current_span_ns_ = 0;  ///< the interval's length; 0 before the first packet
  std::uint32_t first_slot_ = 1;
  std::uint32_t current_slots_ = 0;
  std::uint32_t sole_interface_ = kNoInterface;
  PacketCells* cells_ = nullptr;  ///< of the sole interface
  Unfolded unfolded_;

  std::uint32_t crowded_packets_ = 0;  ///< first packets of a flow that met a full ring
  std::uint32_t oldest_slot_ = 1;
  std::uint32_t next_slot_ = 1;
  std::uint32_t ring_mask_;
  MappedArray<Slot> ring_;
  MappedArray<PacketCells> cells_by_interface_;
  std::array<bool, IntervalSample::kMaxInterfaces + 1> cells_used_{};
  std::array<OpenSample, kMaxOpenSamples> open_;
  std::uint8_t current_ = kNoSample;
  TimeNs now_ = std::numeric_limits<TimeNs>::min();
};

}  // namespace wireglass
