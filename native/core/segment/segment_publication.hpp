#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "packet/interface_info.hpp"
#include "segment/posix_file.hpp"
#include "segment/segment_reader.hpp"
#include "segment/segment_writer.hpp"

namespace wireglass {

/// What a SegmentWriter lets the readers of its process see of the open segment: the part that is written to
/// the file. One writer thread, any number of readers.
class SegmentPublication {
 public:
  /// Registers a publication under a directory that exists, until it is destroyed or another takes its place.
  static void announce(const std::string& directory, const std::shared_ptr<SegmentPublication>& publication);
  /// The publication of the writer that has this directory open in this process, if any.
  static std::shared_ptr<SegmentPublication> find(const std::string& directory);

  /// For the writer: its counters, readable by any thread. packets_buffered is what readers ask a flush for.
  SegmentCounters counters;

  /// For the writer, asked per packet: a reader waits for what is buffered.
  bool flush_wanted() const { return flush_wanted_.load(std::memory_order_relaxed); }
  /// Shows a segment from its beginning.
  void begin(std::uint64_t sequence, std::string path, std::shared_ptr<const FileDescriptor> file);
  /// Shows what has been written since the last call and wakes the readers that wait for it. Empties
  /// packets_buffered.
  void advance(const SegmentIndex& index, std::span<const InterfaceInfo> interfaces);
  /// Shows no segment any more: it is complete, or gone.
  void end();

  /// For readers: the open segment with every packet appended before the call, if the writer comes by within
  /// kFlushWait; else what is written so far. Empty when no segment is open or it holds no packet.
  std::optional<SegmentReader> snapshot();
  /// The same if `sequence` is the open segment, waiting only when the packet `ordinal` is not written yet.
  std::optional<SegmentReader> snapshot_with(std::uint64_t sequence, std::uint64_t ordinal);

  static constexpr std::chrono::milliseconds kFlushWait{500};

 private:
  void wait_for_flush(std::unique_lock<std::mutex>& lock);
  std::optional<SegmentReader> reader() const;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> flush_wanted_{false};
  std::uint64_t generation_ = 0;  ///< rises whenever readers that wait have to look again
  std::uint64_t sequence_ = 0;
  std::string path_;
  std::shared_ptr<const FileDescriptor> file_;
  SegmentLayout layout_;
};

}  // namespace wireglass
