#include "segment/segment_recovery.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "pcapng/pcapng_format.hpp"
#include "pcapng/pcapng_writer.hpp"

namespace wireglass {
namespace {

/// A window that moves over a file and shows whole blocks.
class BlockWindow {
 public:
  explicit BlockWindow(const FileDescriptor& file) : file_(file), bytes_(kWindowBytes) {}

  /// The block at the position, or none when it is not whole; then `failed()` tells whether reading failed.
  std::optional<SegmentBlock> next() {
    if (available() < PcapngFormat::kBlockOverhead && !fill(PcapngFormat::kBlockOverhead))
      return std::nullopt;
    const std::uint32_t length = claimed_block_bytes(window());
    if (length == 0 || (available() < length && !fill(length))) return std::nullopt;
    const auto block = parse_block(window());
    if (block) begin_ += block->bytes.size();
    return block;
  }

  /// Offset in the file behind the last block.
  std::uint64_t position() const { return window_offset_ + begin_; }
  bool failed() const { return error_number_ != 0; }
  int error_number() const { return error_number_; }

 private:
  static constexpr std::size_t kWindowBytes = 1u << 20;

  std::size_t available() const { return end_ - begin_; }
  std::span<const std::byte> window() const { return {bytes_.data() + begin_, available()}; }

  bool fill(std::size_t needed) {
    std::memmove(bytes_.data(), bytes_.data() + begin_, available());
    window_offset_ += begin_;
    end_ -= begin_;
    begin_ = 0;
    if (needed > bytes_.size()) bytes_.resize(needed);
    const ssize_t got = read_at(file_, std::span(bytes_).subspan(end_), window_offset_ + end_);
    if (got < 0) error_number_ = errno;
    if (got > 0) end_ += static_cast<std::size_t>(got);
    return end_ >= needed;
  }

  const FileDescriptor& file_;
  std::vector<std::byte> bytes_;
  std::uint64_t window_offset_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  int error_number_ = 0;
};

/// Takes a block into the scan; false when it makes no sense in a segment.
bool take_block(const SegmentBlock& block, std::uint64_t offset, SegmentScan& scan) {
  SegmentLayout& layout = scan.layout;
  if (block.type == PcapngFormat::kInterfaceDescription) {
    auto interface = parse_interface_block(block);
    if (!interface || layout.interfaces.size() == SegmentIndex::kMaxInterfaces) return false;
    layout.interfaces.push_back(std::move(*interface));
    layout.index.interface_offsets.push_back(offset);
    scan.interface_packets.push_back(0);
    return true;
  }
  if (block.type == PcapngFormat::kEnhancedPacket) {
    const auto packet = parse_packet_block(block);
    if (!packet || packet->interface_index >= layout.interfaces.size()) return false;
    layout.index.add_packet(offset, offset + block.bytes.size(), packet->timestamp_ns);
    ++scan.interface_packets[packet->interface_index];
    return true;
  }
  return block.type == PcapngFormat::kInterfaceStatistics;
}

Result<void> rebuild_index(const SegmentFiles& files, std::uint64_t sequence, std::uint32_t sensor) {
  const std::string path = files.complete(sequence);
  const FileDescriptor file = open_file(path, O_RDONLY);
  if (!file.valid()) return disk_error("open", path, errno);
  Result<SegmentScan> scan = scan_segment(path, file);
  if (!scan.ok()) return scan.error();
  SegmentIndex& index = scan.value().layout.index;
  if (index.summary.packets == 0) return segment_damaged(path, index.summary.file_bytes, "packets");
  index.summary.sensor = sensor;
  index.summary.sequence = sequence;
  const off_t file_bytes = lseek(file.get(), 0, SEEK_END);
  index.summary.file_bytes =
      std::max<std::uint64_t>(index.summary.file_bytes, static_cast<std::uint64_t>(file_bytes));
  return replace_file(files.index(sequence), index.encode());
}

Result<void> complete_open(const SegmentFiles& files, std::uint64_t sequence, std::uint32_t sensor,
                           TimeNs now, Recovery& recovery) {
  const std::string path = files.open(sequence);
  const FileDescriptor file = open_file(path, O_RDWR);
  if (!file.valid()) return disk_error("open", path, errno);
  Result<SegmentScan> scan = scan_segment(path, file);
  if (!scan.ok()) return scan.error();
  SegmentIndex& index = scan.value().layout.index;
  if (index.summary.packets == 0) {
    if (unlink(path.c_str()) != 0) return disk_error("remove", path, errno);
    return {};
  }
  index.summary.sensor = sensor;
  index.summary.sequence = sequence;
  // An interface description whose packet was lost would have no packets: it goes with the cut.
  while (index.interface_offsets.back() >= index.summary.packets_end) index.interface_offsets.pop_back();
  std::vector<InterfaceStatistics> statistics(index.interface_offsets.size());
  for (std::size_t interface = 0; interface < statistics.size(); ++interface) {
    statistics[interface].received = scan.value().interface_packets[interface];
  }
  Result<void> finished = finish_segment(files, file, index, statistics, now);
  if (finished.ok()) ++recovery.segments_completed;
  return finished;
}

void note(const Result<void>& result, Recovery& recovery) {
  if (!result.ok()) recovery.failures.push_back(result.error());
}

}  // namespace

Result<SegmentScan> scan_segment(const std::string& path, const FileDescriptor& file) {
  SegmentScan scan;
  BlockWindow window(file);
  std::uint64_t end = 0;
  auto block = window.next();
  if (block && is_section_header(*block)) {
    end = window.position();
    while ((block = window.next())) {
      if (!take_block(*block, end, scan)) break;
      end = window.position();
    }
  }
  if (window.failed()) {
    return segment_damaged(path, window.position(),
                           "bytes, but: " + std::generic_category().message(window.error_number()));
  }
  scan.layout.index.summary.file_bytes = end;
  return scan;
}

Result<void> finish_segment(const SegmentFiles& files, const FileDescriptor& file, SegmentIndex& index,
                            std::span<const InterfaceStatistics> statistics, TimeNs now) {
  SegmentIndex::Summary& summary = index.summary;
  const std::string open_path = files.open(summary.sequence);
  PcapngWriter::Buffer blocks;
  for (std::size_t interface = 0; interface < statistics.size(); ++interface) {
    PcapngWriter::interface_statistics(blocks, static_cast<std::uint32_t>(interface), now,
                                       statistics[interface].received, statistics[interface].dropped);
  }
  int error_number = 0;
  if (write_at(file, blocks, summary.packets_end, error_number) != blocks.size()) {
    if (ftruncate(file.get(), static_cast<off_t>(summary.packets_end)) != 0) error_number = errno;
    return disk_error("write", open_path, error_number);
  }
  summary.file_bytes = summary.packets_end + blocks.size();
  if (ftruncate(file.get(), static_cast<off_t>(summary.file_bytes)) != 0 || fsync(file.get()) != 0) {
    return disk_error("complete", open_path, errno);
  }
  // The index first: a segment that is visible as complete can be read at once.
  Result<void> indexed = replace_file(files.index(summary.sequence), index.encode());
  if (!indexed.ok()) return indexed;
  if (rename(open_path.c_str(), files.complete(summary.sequence).c_str()) != 0) {
    return disk_error("rename", open_path, errno);
  }
  return sync_directory(files.directory);
}

Result<Recovery> recover_segments(const SegmentFiles& files, std::uint32_t sensor, TimeNs now) {
  Result<SegmentListing> listed = list_segment_files(files.directory);
  if (!listed.ok()) return listed.error();
  const SegmentListing& listing = listed.value();
  Recovery recovery;
  for (const auto* sequences : {&listing.complete, &listing.indexes, &listing.open}) {
    if (!sequences->empty())
      recovery.highest_sequence = std::max(recovery.highest_sequence, sequences->back());
  }
  for (const std::string& path : listing.temporary) unlink(path.c_str());
  for (const std::uint64_t sequence : listing.open) {
    // Both names: a foreign hand copied files here. The complete one is the one that ids were given for.
    if (std::binary_search(listing.complete.begin(), listing.complete.end(), sequence)) {
      recovery.failures.push_back(
          segment_damaged(files.open(sequence), 0, "no complete segment of that number"));
      continue;
    }
    note(complete_open(files, sequence, sensor, now, recovery), recovery);
  }
  for (const std::uint64_t sequence : listing.complete) {
    const IndexReading reading = read_index(files.index(sequence));
    if (reading.damage == IndexDamage::kForeign) recovery.failures.push_back(reading.error);
    if (reading.damage == IndexDamage::kMissing || reading.damage == IndexDamage::kBroken) {
      note(rebuild_index(files, sequence, sensor), recovery);
    }
  }
  for (const std::uint64_t sequence : listing.indexes) {
    const bool has_segment = access(files.complete(sequence).c_str(), F_OK) == 0;
    const bool waits = access(files.open(sequence).c_str(), F_OK) == 0;
    if (!has_segment && !waits) unlink(files.index(sequence).c_str());
  }
  return recovery;
}

}  // namespace wireglass
