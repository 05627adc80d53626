#include "segment/completed_segments.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "segment/posix_file.hpp"
#include "segment/segment_index.hpp"

namespace wireglass {
namespace {

std::uint64_t size_of(const std::string& path) {
  struct stat status{};
  return stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

}  // namespace

Result<void> CompletedSegments::open() {
  if (Result<void> opened = log_.open(); !opened.ok()) return opened;
  for (const Eviction& eviction : log_.entries()) {
    // Ranges are older than what a crash can have interrupted, and may span numbers that they do not hold.
    if (eviction.is_range()) continue;
    unlink(files_.complete(eviction.first_sequence).c_str());
    unlink(files_.index(eviction.first_sequence).c_str());
  }
  Result<SegmentListing> listing = list_segment_files(files_.directory);
  if (!listing.ok()) return listing.error();
  entries_.clear();
  total_bytes_ = 0;
  for (const std::uint64_t sequence : listing.value().complete) {
    add(sequence, size_of(files_.complete(sequence)) + size_of(files_.index(sequence)));
  }
  return {};
}

void CompletedSegments::add(std::uint64_t sequence, std::uint64_t bytes) {
  const auto behind =
      std::upper_bound(entries_.begin(), entries_.end(), sequence,
                       [](std::uint64_t wanted, const Entry& entry) { return wanted < entry.sequence; });
  entries_.insert(behind, {sequence, bytes});
  total_bytes_ += bytes;
}

std::uint64_t CompletedSegments::highest_evicted() const {
  std::uint64_t highest = 0;
  for (const Eviction& eviction : log_.entries()) highest = std::max(highest, eviction.last_sequence);
  return highest;
}

Result<void> CompletedSegments::evict(std::uint64_t max_bytes, std::uint32_t sensor, TimeNs now,
                                      std::uint64_t& evicted) {
  evicted = 0;
  while (total_bytes_ > max_bytes && !entries_.empty()) {
    if (Result<void> removed = evict_oldest(sensor, now); !removed.ok()) return removed;
    ++evicted;
  }
  return log_.flush();
}

/// The line in the log comes first, then the segment goes, then its index. Whatever a crash leaves reads
/// right: with the line alone the segment still answers (open() finishes the removal); without its segment an
/// index is nothing.
Result<void> CompletedSegments::evict_oldest(std::uint32_t sensor, TimeNs now) {
  const Entry oldest = entries_.front();
  const IndexReading reading = read_index_header(files_.index(oldest.sequence));
  Eviction eviction;
  eviction.first_sequence = eviction.last_sequence = oldest.sequence;
  eviction.first_evicted_at_ns = eviction.last_evicted_at_ns = now;
  eviction.reason = "max_total_bytes";
  eviction.sensor = reading.damage == IndexDamage::kNone ? reading.index.summary.sensor : sensor;
  eviction.packets = reading.index.summary.packets;
  const bool logged_before =
      !log_.entries().empty() && log_.entries().back().last_sequence == oldest.sequence;
  // On a full disk the line may not fit until the segment is gone: it is kept and written after it.
  const Result<void> logged = logged_before ? log_.flush() : log_.add(eviction);
  const std::string path = files_.complete(oldest.sequence);
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return disk_error("remove", path, errno);
  unlink(files_.index(oldest.sequence).c_str());
  entries_.pop_front();
  total_bytes_ -= std::min(total_bytes_, oldest.bytes);
  return logged.ok() ? Result<void>{} : log_.flush();
}

}  // namespace wireglass
