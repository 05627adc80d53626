#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "packet/interface_info.hpp"
#include "packet/packet_view.hpp"
#include "pcapng/pcapng_writer.hpp"
#include "segment/segment_files.hpp"
#include "segment/segment_publication.hpp"

namespace wireglass {

/// What a capture has told of its losses: cumulative since its start.
struct CaptureLosses {
  std::uint64_t offered = 0;
  std::uint64_t dropped = 0;
};

/// One segment that is being written: a buffer of whole blocks in front of its file, and its index so far.
class ActiveSegment {
 public:
  /// What is buffered before it is written; no allocation below it.
  static constexpr std::size_t kBufferBytes = 1u << 20;

  /// Creates `segment-<sequence>.pcapng.open` with its section header. Errors: "segment_unwritable".
  static Result<std::unique_ptr<ActiveSegment>> create(const SegmentFiles& files, std::uint32_t sensor,
                                                       std::uint64_t sequence,
                                                       std::shared_ptr<SegmentPublication> publication);

  std::uint64_t sequence() const { return index_.summary.sequence; }
  std::uint64_t packets() const { return index_.summary.packets; }
  /// Of the file, with what is buffered.
  std::uint64_t bytes() const { return written_bytes_ + buffer_.size(); }
  bool interfaces_nearly_full() const { return interfaces_.size() > SegmentIndex::kMaxInterfaces / 2; }

  /// Buffers one packet and writes the buffer when it is full. False when the packet cannot be taken: too
  /// long, or too many interfaces.
  bool append(const PacketView& packet, std::span<const InterfaceInfo> interfaces);

  /// Writes what is buffered and shows it to readers. After an error the file is cut behind its last whole
  /// packet, the rest is counted as lost, and nothing more may be appended. Errors: "segment_unwritable".
  Result<void> flush();
  /// What an append() or flush() failed with.
  const std::optional<Error>& failure() const { return failure_; }

  /// Statistics blocks, index, rename; what is buffered was flushed. May be tried again after an error.
  Result<void> complete(TimeNs now, const std::optional<CaptureLosses>& losses);
  /// Size of the complete segment with its index.
  std::uint64_t complete_bytes() const;

  /// Removes the file of a segment without packets.
  void remove();

 private:
  ActiveSegment(SegmentFiles files, std::shared_ptr<FileDescriptor> file,
                std::shared_ptr<SegmentPublication> publication)
      : files_(std::move(files)), file_(std::move(file)), publication_(std::move(publication)) {}

  std::optional<std::uint32_t> section_interface(const PacketView& packet,
                                                 std::span<const InterfaceInfo> interfaces);
  /// Takes back what a failed write left out: `written` bytes of the buffer are in the file.
  void salvage(std::size_t written);
  void set_checkpoint();

  SegmentFiles files_;
  std::shared_ptr<FileDescriptor> file_;
  std::shared_ptr<SegmentPublication> publication_;
  PcapngWriter::Buffer buffer_;
  std::uint64_t written_bytes_ = 0;
  std::uint64_t buffered_packet_bytes_ = 0;  ///< captured bytes of those in the buffer
  SegmentIndex index_;
  /// What of index_ is in the file.
  struct {
    SegmentIndex::Summary summary;
    std::size_t chunks = 0;
    SegmentIndex::Chunk last_chunk;
  } checkpoint_;
  std::vector<InterfaceInfo> interfaces_;         ///< of the section
  std::vector<std::uint64_t> interface_packets_;  ///< by section interface
  std::unordered_map<std::uint64_t, std::uint32_t>
      section_interfaces_;  ///< by capture interface and link type
  std::uint64_t last_interface_key_ = ~0ull;
  std::uint32_t last_interface_ = 0;
  std::optional<Error> failure_;
};

}  // namespace wireglass
