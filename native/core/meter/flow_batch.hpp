#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "meter/generated/flow_record.hpp"
#include "meter/interval_report.hpp"

namespace wireglass {

/// Flow records in columns, as stores and bindings take them.
class FlowBatch {
 public:
  enum class Kind : std::uint8_t {
    kRecords,   ///< closed records
    kSnapshot,  ///< live flows, answering FlowMeter::snapshot; the last batch of an answer has `last` set
  };

  FlowBatch() : columns_(std::make_unique_for_overwrite<std::byte[]>(FlowColumns::kSizeBytes)) {}

  bool full() const {
    return rows_ == FlowColumns::kCapacityRows ||
           FlowColumns::kHeapBytes - heap_used_ < FlowColumns::kMaxRecordHeapBytes;
  }
  void append(const FlowRecord& record) { FlowColumns::write(columns_.get(), rows_++, record, heap_used_); }

  std::size_t rows() const { return rows_; }
  std::byte* columns() { return columns_.get(); }

  Kind kind = Kind::kRecords;
  std::uint32_t snapshot_id = 0;
  bool last = false;

 private:
  std::unique_ptr<std::byte[]> columns_;
  std::size_t rows_ = 0;
  std::size_t heap_used_ = 0;
};

using FlowBatchPtr = std::shared_ptr<FlowBatch>;

/// Takes batches from a worker.
class FlowSink {
 public:
  virtual ~FlowSink() = default;
  /// Takes the batch, or returns false because the sink's queue is full. Never blocks.
  virtual bool offer(const FlowBatchPtr& batch) = 0;
  /// The same for an interval report; a sink that has no use for them takes them all.
  virtual bool offer_report(const IntervalReportPtr& /*report*/) { return true; }
};

}  // namespace wireglass
