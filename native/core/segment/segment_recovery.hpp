#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "segment/posix_file.hpp"
#include "segment/segment_files.hpp"
#include "segment/segment_reader.hpp"

namespace wireglass {

/// What a walk over a segment file's blocks found, up to the first that is not whole or makes no sense there.
struct SegmentScan {
  SegmentLayout layout;  ///< summary without sensor and sequence; file_bytes is where the walk ended
  std::vector<std::uint64_t> interface_packets;  ///< by interface
};

/// Walks a segment file from its start. Errors: "segment_damaged" when it cannot be read.
Result<SegmentScan> scan_segment(const std::string& path, const FileDescriptor& file);

/// Counts for the statistics block of one interface, where they are known.
struct InterfaceStatistics {
  std::optional<std::uint64_t> received;
  std::optional<std::uint64_t> dropped;
};

/// Completes an open segment whose packets are on disk: statistics blocks behind the last packet, sync,
/// index, rename. May be called again after a failure. Errors: "segment_unwritable".
Result<void> finish_segment(const SegmentFiles& files, const FileDescriptor& file, SegmentIndex& index,
                            std::span<const InterfaceStatistics> statistics, TimeNs now);

/// What recover_segments() did.
struct Recovery {
  std::uint64_t highest_sequence = 0;    ///< of all files found
  std::uint64_t segments_completed = 0;  ///< that a crash had left open
  std::vector<Error> failures;           ///< files that had to be left as they are
};

/// Brings a directory into order after a crash: completes open segments (cut behind their last whole packet
/// block), removes those without packets, makes missing or broken indexes anew, removes temporary files and
/// indexes without a segment. An index of another version is left alone. Nobody else may write there
/// meanwhile. Errors: "segment_damaged".
Result<Recovery> recover_segments(const SegmentFiles& files, std::uint32_t sensor, TimeNs now);

}  // namespace wireglass
