#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>

#include "base/result.hpp"
#include "segment/segment_files.hpp"
#include "segment/segment_reader.hpp"

namespace wireglass {

/// Opens complete segments and remembers the layouts of those last used. Any number of threads may call it.
class SegmentCatalog {
 public:
  static constexpr std::size_t kMaxLayouts = 16;

  explicit SegmentCatalog(SegmentFiles files) : files_(std::move(files)) {}

  const SegmentFiles& files() const { return files_; }

  /// Empty when no complete segment of that number is there. Errors: "segment_damaged".
  Result<std::optional<SegmentReader>> open(std::uint64_t sequence);

 private:
  /// Tells a segment file from another one that had its name before.
  struct Identity {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    timespec modified{};
    bool operator==(const Identity& other) const;
  };
  struct Entry {
    std::uint64_t sequence = 0;
    Identity identity;
    std::shared_ptr<const SegmentLayout> layout;
  };

  std::shared_ptr<const SegmentLayout> remembered(std::uint64_t sequence, const Identity& identity);
  void remember(Entry entry);
  Result<std::shared_ptr<const SegmentLayout>> load(std::uint64_t sequence, const FileDescriptor& file,
                                                    std::uint64_t file_bytes) const;

  SegmentFiles files_;
  std::mutex mutex_;
  std::list<Entry> entries_;  ///< last used first
};

}  // namespace wireglass
