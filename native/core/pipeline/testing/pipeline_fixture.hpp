#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <mutex>
#include <numeric>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "capture/capture_backend.hpp"
#include "capture/test_veth.hpp"
#include "meter/flow_batch.hpp"
#include "pipeline/pipeline_counters.hpp"

namespace wireglass::testing {

/// Every frame goes to one of `ports` flows; each eleventh is ARP, which makes none.
inline std::vector<Frame> frames(std::size_t count, std::uint16_t ports = 10) {
  std::vector<Frame> made;
  for (std::uint32_t i = 0; i < count; ++i) {
    made.push_back(
        PrivateVeth::udp_frame(i, static_cast<std::uint16_t>(1'000 + i * 7 % ports), 0, 60 + i % 900));
    if (i % 11 == 10) made.back()[13] = std::byte{0x06};
  }
  return made;
}

inline std::size_t arp_count(std::size_t frames) { return frames / 11; }

/// A live source whose packets the test decides. Those "in the ring" at a stop are still delivered.
class ScriptedBackend final : public CaptureBackend {
 public:
  explicit ScriptedBackend(std::vector<Frame> frames) : frames_(std::move(frames)) {}

  std::string_view name() const override { return "scripted"; }
  bool is_live() const override { return true; }
  Result<void> open() override {
    if (frames_.empty()) return Error{"interface_not_found", "nothing there"};
    return {};
  }
  ReadStatus read(PacketBatch& batch, int) override {
    if (next_ == frames_.size()) {
      if (fail_at_end) return ReadStatus::kFailed;
      if (draining_) return ReadStatus::kEnd;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return ReadStatus::kTimeout;
    }
    while (next_ < frames_.size() && batch.packets().size() < 100) {
      PacketView view;
      view.data = frames_[next_].data();
      view.captured_length = view.original_length = static_cast<std::uint32_t>(frames_[next_].size());
      view.timestamp_ns = SystemClock().now();
      batch.add(view);
      ++next_;
    }
    delivered.store(next_);
    return ReadStatus::kPackets;
  }
  void begin_drain() override { draining_ = true; }
  std::span<const InterfaceInfo> interfaces() const override { return interfaces_; }
  CaptureCounters counters() override {
    CaptureCounters counters;
    counters.offered = frames_.size() + 5;
    counters.delivered = next_;
    counters.dropped_kernel = 5;
    return counters;
  }
  std::span<const Error> failures() const override { return {}; }

  std::atomic<std::size_t> delivered{0};
  bool fail_at_end = false;

 private:
  std::vector<Frame> frames_;
  std::vector<InterfaceInfo> interfaces_ = {{"scripted0", LinkType::kEthernet, 0}};
  std::size_t next_ = 0;
  bool draining_ = false;
};

/// Keeps what a sink is given; can be told to refuse.
class KeepingSink final : public FlowSink {
 public:
  bool offer(const FlowBatchPtr& batch) override {
    if (full.load()) return false;
    const std::lock_guard lock(mutex_);
    batches_.push_back(batch);
    return true;
  }
  std::uint64_t packets(FlowBatch::Kind kind) {
    const std::lock_guard lock(mutex_);
    std::uint64_t sum = 0;
    for (const FlowBatchPtr& batch : batches_) {
      if (batch->kind != kind) continue;
      for (std::size_t row = 0; row < batch->rows(); ++row) {
        for (const std::size_t offset : {FlowColumns::kPacketsOffset, FlowColumns::kRevPacketsOffset}) {
          std::uint64_t value = 0;
          std::memcpy(&value, batch->columns() + offset + row * sizeof(value), sizeof(value));
          sum += value;
        }
      }
    }
    return sum;
  }
  /// Number and name of each record's interface.
  std::vector<std::pair<std::uint32_t, std::string>> record_interfaces() {
    const std::lock_guard lock(mutex_);
    std::vector<std::pair<std::uint32_t, std::string>> interfaces;
    for (const FlowBatchPtr& batch : batches_) {
      for (std::size_t row = 0; row < batch->rows(); ++row) {
        std::uint32_t number = 0;
        std::uint32_t at = 0;
        std::uint8_t length = 0;
        std::memcpy(&number, batch->columns() + FlowColumns::kIngressInterfaceOffset + row * 4, 4);
        std::memcpy(&at, batch->columns() + FlowColumns::kInterfaceAtOffset + row * 4, 4);
        std::memcpy(&length, batch->columns() + FlowColumns::kInterfaceLengthOffset + row, 1);
        const auto* text = reinterpret_cast<const char*>(batch->columns() + FlowColumns::kHeapOffset + at);
        interfaces.emplace_back(number, std::string(text, length));
      }
    }
    return interfaces;
  }
  bool answered(std::uint32_t snapshot) {
    const std::lock_guard lock(mutex_);
    return std::any_of(batches_.begin(), batches_.end(), [snapshot](const FlowBatchPtr& batch) {
      return batch->kind == FlowBatch::Kind::kSnapshot && batch->snapshot_id == snapshot && batch->last;
    });
  }

  /// Batches that close the answer to a snapshot.
  std::size_t closings(std::uint32_t snapshot) {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(batches_.begin(), batches_.end(), [snapshot](const FlowBatchPtr& batch) {
          return batch->kind == FlowBatch::Kind::kSnapshot && batch->snapshot_id == snapshot && batch->last;
        }));
  }

  std::atomic<bool> full{false};

 private:
  std::mutex mutex_;
  std::vector<FlowBatchPtr> batches_;
};

template <class Condition>
bool eventually(Condition condition) {
  for (int i = 0; i < 5'000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

inline std::uint64_t refused(const PipelineCounters& counters) {
  return std::accumulate(counters.refused.begin(), counters.refused.end(), std::uint64_t{0});
}

inline void expect_ledger(const PipelineCounters& counters) {
  EXPECT_EQ(counters.capture.offered, counters.metered_packets + refused(counters) + counters.not_sampled +
                                          counters.digests_lost + counters.capture.dropped_kernel +
                                          counters.capture.dropped_interface + counters.packets_in_ring);
  EXPECT_LE(counters.packets_in_ring, counters.capture.offered);
  EXPECT_LE(counters.packets_buffered, counters.captured_packets);
  EXPECT_EQ(counters.captured_packets, counters.packets_recorded + counters.packets_lost_to_disk +
                                           counters.packets_not_recorded + counters.packets_buffered);
}

}  // namespace wireglass::testing
