#include "segment/segment_catalog.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace wireglass {

bool SegmentCatalog::Identity::operator==(const Identity& other) const {
  return device == other.device && inode == other.inode && size == other.size &&
         modified.tv_sec == other.modified.tv_sec && modified.tv_nsec == other.modified.tv_nsec;
}

Result<std::optional<SegmentReader>> SegmentCatalog::open(std::uint64_t sequence) {
  const std::string path = files_.complete(sequence);
  auto file = std::make_shared<FileDescriptor>(open_file(path, O_RDONLY));
  if (!file->valid()) {
    if (errno == ENOENT) return std::optional<SegmentReader>();
    return segment_damaged(path, 0,
                           "a file that can be read, but: " + std::generic_category().message(errno));
  }
  struct stat status{};
  if (fstat(file->get(), &status) != 0) return segment_damaged(path, 0, "a file that can be read");
  const Identity identity{status.st_dev, status.st_ino, status.st_size, status.st_mtim};
  std::shared_ptr<const SegmentLayout> layout = remembered(sequence, identity);
  if (!layout) {
    auto loaded = load(sequence, *file, static_cast<std::uint64_t>(status.st_size));
    if (!loaded.ok()) {
      // Eviction takes the segment before its index: one that went meanwhile is not damaged, but gone.
      if (access(path.c_str(), F_OK) != 0) return std::optional<SegmentReader>();
      return loaded.error();
    }
    layout = loaded.value();
    remember({sequence, identity, layout});
  }
  return std::optional<SegmentReader>(SegmentReader(path, std::move(file), std::move(layout)));
}

std::shared_ptr<const SegmentLayout> SegmentCatalog::remembered(std::uint64_t sequence,
                                                                const Identity& identity) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.sequence == sequence && entry.identity == identity;
  });
  if (found == entries_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found);
  return entries_.front().layout;
}

void SegmentCatalog::remember(Entry entry) {
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [&](const Entry& old) { return old.sequence == entry.sequence; });
  entries_.push_front(std::move(entry));
  if (entries_.size() > kMaxLayouts) entries_.pop_back();
}

Result<std::shared_ptr<const SegmentLayout>> SegmentCatalog::load(std::uint64_t sequence,
                                                                  const FileDescriptor& file,
                                                                  std::uint64_t file_bytes) const {
  const std::string index_path = files_.index(sequence);
  IndexReading reading = read_index(index_path);
  if (reading.damage == IndexDamage::kMissing) {
    reading.error.message += "; the next recording into this directory makes it anew";
  }
  if (reading.damage != IndexDamage::kNone) return reading.error;
  const SegmentIndex::Summary& summary = reading.index.summary;
  if (summary.sequence != sequence) {
    return segment_damaged(index_path, 16, "segment number " + std::to_string(sequence));
  }
  if (summary.packets_end > file_bytes) {
    return segment_damaged(files_.complete(sequence), file_bytes,
                           "packets up to offset " + std::to_string(summary.packets_end));
  }
  auto layout = std::make_shared<SegmentLayout>();
  auto interfaces = read_interfaces(files_.complete(sequence), file, reading.index);
  if (!interfaces.ok()) return interfaces.error();
  layout->index = std::move(reading.index);
  layout->interfaces = std::move(interfaces.value());
  return std::shared_ptr<const SegmentLayout>(std::move(layout));
}

}  // namespace wireglass
