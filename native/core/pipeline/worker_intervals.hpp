#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

#include "meter/flow_meter.hpp"
#include "meter/interval_meter.hpp"
#include "packet/packet_view.hpp"
#include "pipeline/interval_outlet.hpp"

namespace wireglass {

/// One worker's part in interval samples: counts what it reads and refuses, which is not what it meters where
/// workers share flows out, and tells the outlet how far the worker has come. Does nothing without an outlet.
class WorkerIntervals {
 public:
  WorkerIntervals(std::uint32_t worker, const IntervalConfig& config, IntervalOutlet* outlet);

  /// Takes the samples of the worker's meter; empty without an outlet.
  SampleReceiver receiver();

  void count_captured(std::span<const PacketView> packets) {
    if (!tally_) return;
    for (const PacketView& packet : packets)
      tally_->count_captured(packet.interface_id, packet.timestamp_ns, packet.original_length);
  }
  void count_refused(const PacketView& packet, DecodeStatus status) {
    if (tally_) tally_->count_refused(packet.interface_id, packet.timestamp_ns, status);
  }

  /// `wait` for a sink that is full, unless `abandon` is set.
  void between_batches(const FlowMeter& meter, bool wait, const std::atomic<bool>& abandon);
  /// After the meter was flushed.
  void finish(const std::atomic<bool>& abandon);

 private:
  /// Nothing that is read has a flow yet.
  class NoFlows final : public IntervalFlows {
   public:
    void prefetch(std::uint32_t /*flow_number*/) const override {}
    IntervalFlow flow(std::uint32_t /*flow_number*/) const override { return {}; }
    std::uint32_t& interval_slot(std::uint32_t /*flow_number*/) override { return slot_; }

   private:
    std::uint32_t slot_ = 0;
  };

  std::uint32_t worker_;
  IntervalOutlet* outlet_;
  NoFlows no_flows_;
  std::unique_ptr<IntervalMeter> tally_;  ///< null without an outlet
  TimeNs complete_until_ns_;
  std::uint64_t clock_steps_ = 0;
};

}  // namespace wireglass
