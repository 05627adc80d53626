#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "packet/interface_info.hpp"
#include "segment/posix_file.hpp"
#include "segment/segment_blocks.hpp"
#include "segment/segment_index.hpp"

namespace wireglass {

/// What is known of a segment besides its packets.
struct SegmentLayout {
  SegmentIndex index;
  std::vector<InterfaceInfo> interfaces;  ///< in the section's order
};

/// The packets of one chunk, in order; the views point into `bytes`. Reused from chunk to chunk.
struct ChunkPackets {
  std::vector<std::byte> bytes;
  std::vector<PacketBlock> packets;
};

/// Reads packets of one segment, complete or open, by its layout. What the file holds is checked as if
/// hostile.
class SegmentReader {
 public:
  SegmentReader(std::string path, std::shared_ptr<const FileDescriptor> file,
                std::shared_ptr<const SegmentLayout> layout)
      : path_(std::move(path)), file_(std::move(file)), layout_(std::move(layout)) {}

  const SegmentLayout& layout() const { return *layout_; }
  const std::string& path() const { return path_; }

  /// Walks the blocks of one chunk. Errors: "segment_damaged".
  Result<void> read_chunk(std::size_t chunk, ChunkPackets& into) const;

 private:
  std::string path_;
  std::shared_ptr<const FileDescriptor> file_;
  std::shared_ptr<const SegmentLayout> layout_;
};

/// Reads the interface descriptions that `index` points to. Errors: "segment_damaged".
Result<std::vector<InterfaceInfo>> read_interfaces(const std::string& path, const FileDescriptor& file,
                                                   const SegmentIndex& index);

}  // namespace wireglass
