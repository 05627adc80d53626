#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
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

/// Sums over records: of all, and each weighed by a number that its addresses and ports give, whichever way
/// it goes. Weighed sums of two runs agree only where each conversation's own sums do.
struct RecordSums {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
  std::uint64_t weighed_packets = 0;
  std::uint64_t weighed_bytes = 0;

  bool operator==(const RecordSums&) const = default;
};

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
      add(*batch, row);
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
  const RecordSums& sums() const { return sums_; }
  std::uint64_t packets() const { return sums_.packets; }
  std::uint64_t bytes() const { return sums_.bytes; }

 private:
  void add(FlowBatch& batch, std::size_t row) {
    const std::uint64_t packets =
        value(batch, FlowColumns::kPacketsOffset, row) + value(batch, FlowColumns::kRevPacketsOffset, row);
    const std::uint64_t bytes =
        value(batch, FlowColumns::kBytesOffset, row) + value(batch, FlowColumns::kRevBytesOffset, row);
    const std::uint64_t weight = end_number(batch, row, FlowColumns::kSrcAddrHiOffset,
                                            FlowColumns::kSrcAddrLoOffset, FlowColumns::kSrcPortOffset) +
                                 end_number(batch, row, FlowColumns::kDstAddrHiOffset,
                                            FlowColumns::kDstAddrLoOffset, FlowColumns::kDstPortOffset);
    sums_.packets += packets;
    sums_.bytes += bytes;
    sums_.weighed_packets += packets * weight;
    sums_.weighed_bytes += bytes * weight;
  }
  static std::uint64_t end_number(FlowBatch& batch, std::size_t row, std::size_t hi, std::size_t lo,
                                  std::size_t port) {
    std::array<char, 18> end{};
    std::memcpy(end.data(), batch.columns() + hi + row * 8, 8);
    std::memcpy(end.data() + 8, batch.columns() + lo + row * 8, 8);
    std::memcpy(end.data() + 16, batch.columns() + port + row * 2, 2);
    return std::hash<std::string_view>()({end.data(), end.size()});
  }
  static std::uint64_t value(FlowBatch& batch, std::size_t offset, std::size_t row) {
    std::uint64_t read = 0;
    std::memcpy(&read, batch.columns() + offset + row * sizeof(read), sizeof(read));
    return read;
  }

  mutable std::mutex mutex_;
  std::vector<std::string> rows_;
  std::vector<std::uint64_t> flow_ids_;
  RecordSums sums_;
};

}  // namespace wireglass::testing
