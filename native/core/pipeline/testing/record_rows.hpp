#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "meter/flow_batch.hpp"

namespace wireglass::testing {

/// The columns that tell two records apart, with their width; not the flow's id, which tells who metered it.
inline constexpr std::array<std::pair<std::size_t, std::size_t>, 37> kComparedColumns = {{
    {FlowColumns::kRecordIndexOffset, 4},
    {FlowColumns::kIngressInterfaceOffset, 4},
    {FlowColumns::kStartNsOffset, 8},
    {FlowColumns::kEndNsOffset, 8},
    {FlowColumns::kSrcAddrHiOffset, 8},
    {FlowColumns::kSrcAddrLoOffset, 8},
    {FlowColumns::kDstAddrHiOffset, 8},
    {FlowColumns::kDstAddrLoOffset, 8},
    {FlowColumns::kSrcPortOffset, 2},
    {FlowColumns::kDstPortOffset, 2},
    {FlowColumns::kProtocolOffset, 1},
    {FlowColumns::kVlanIdOffset, 2},
    {FlowColumns::kOverlayOffset, 1},
    {FlowColumns::kTenantIdOffset, 4},
    {FlowColumns::kOuterSrcAddrHiOffset, 8},
    {FlowColumns::kOuterSrcAddrLoOffset, 8},
    {FlowColumns::kOuterDstAddrLoOffset, 8},
    {FlowColumns::kPacketsOffset, 8},
    {FlowColumns::kBytesOffset, 8},
    {FlowColumns::kRevPacketsOffset, 8},
    {FlowColumns::kRevBytesOffset, 8},
    {FlowColumns::kTcpFlagsOffset, 1},
    {FlowColumns::kRevTcpFlagsOffset, 1},
    {FlowColumns::kIcmpTypeCodeOffset, 2},
    {FlowColumns::kEndReasonOffset, 1},
    {FlowColumns::kInitiatorByOffset, 1},
    {FlowColumns::kFlowLayerOffset, 1},
    {FlowColumns::kSrcMacOffset, 8},
    {FlowColumns::kSamplingRateOffset, 4},
    {FlowColumns::kPacketBytesMaxOffset, 2},
    {FlowColumns::kGapMaxUsOffset, 4},
    {FlowColumns::kTtlMinOffset, 1},
    {FlowColumns::kTcpRttUsOffset, 4},
    {FlowColumns::kTcpRetransmittedOffset, 4},
    {FlowColumns::kTcpHandshakeRttUsOffset, 4},
    {FlowColumns::kRevTcpOutOfOrderOffset, 4},
    {FlowColumns::kFirstSegmentOffset, 8},
}};

/// Keeps every record as the bytes of its compared columns, and sums up.
class RowKeepingSink final : public FlowSink {
 public:
  bool offer(const FlowBatchPtr& batch) override {
    const std::lock_guard lock(mutex_);
    if (batch->kind != FlowBatch::Kind::kRecords) return true;
    for (std::size_t row = 0; row < batch->rows(); ++row) {
      std::string bytes;
      for (const auto& [offset, width] : kComparedColumns) {
        bytes.append(reinterpret_cast<const char*>(batch->columns()) + offset + row * width, width);
      }
      rows_.push_back(std::move(bytes));
      packets_ += value(*batch, FlowColumns::kPacketsOffset, row) +
                  value(*batch, FlowColumns::kRevPacketsOffset, row);
      bytes_ +=
          value(*batch, FlowColumns::kBytesOffset, row) + value(*batch, FlowColumns::kRevBytesOffset, row);
      flow_ids_.push_back(value(*batch, FlowColumns::kFlowIdOffset, row));
    }
    return true;
  }

  /// In an order of their own: who closes which record when is no matter.
  std::vector<std::string> sorted_rows() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> sorted = rows_;
    std::sort(sorted.begin(), sorted.end());
    return sorted;
  }
  std::size_t distinct_flow_ids() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::uint64_t> ids = flow_ids_;
    std::sort(ids.begin(), ids.end());
    return static_cast<std::size_t>(std::unique(ids.begin(), ids.end()) - ids.begin());
  }
  std::uint64_t packets() const { return packets_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  static std::uint64_t value(FlowBatch& batch, std::size_t offset, std::size_t row) {
    std::uint64_t read = 0;
    std::memcpy(&read, batch.columns() + offset + row * sizeof(read), sizeof(read));
    return read;
  }

  mutable std::mutex mutex_;
  std::vector<std::string> rows_;
  std::vector<std::uint64_t> flow_ids_;
  std::uint64_t packets_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace wireglass::testing
