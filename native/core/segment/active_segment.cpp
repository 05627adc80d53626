#include "segment/active_segment.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "segment/segment_recovery.hpp"

namespace wireglass {
namespace {

constexpr std::string_view kApplication = "Wireglass";

/// Longer packets could not be read back: see SegmentBlock::kMaxBytes.
constexpr std::uint32_t kMaxPacketBytes = 16u << 20;

/// Room for one block beyond a full buffer, so that ordinary packets never make it grow.
constexpr std::size_t kBufferSlackBytes = 512u << 10;

std::uint64_t interface_key(const PacketView& packet) {
  return (std::uint64_t{packet.interface_id} << 16) | static_cast<std::uint16_t>(packet.link_type);
}

}  // namespace

Result<std::unique_ptr<ActiveSegment>> ActiveSegment::create(
    const SegmentFiles& files, std::uint32_t sensor, std::uint64_t sequence,
    std::shared_ptr<SegmentPublication> publication) {
  const std::string path = files.open(sequence);
  auto file = std::make_shared<FileDescriptor>(open_file(path, O_RDWR | O_CREAT | O_EXCL));
  if (!file->valid()) return disk_error("create", path, errno);
  std::unique_ptr<ActiveSegment> segment(new ActiveSegment(files, std::move(file), std::move(publication)));
  segment->buffer_.reserve(kBufferBytes + kBufferSlackBytes);
  segment->index_.summary.sensor = sensor;
  segment->index_.summary.sequence = sequence;
  segment->set_checkpoint();
  PcapngWriter::section_header(segment->buffer_, kApplication);
  int error_number = 0;
  if (write_at(*segment->file_, segment->buffer_, 0, error_number) != segment->buffer_.size()) {
    unlink(path.c_str());
    return disk_error("write", path, error_number);
  }
  segment->written_bytes_ = segment->buffer_.size();
  segment->buffer_.clear();
  segment->publication_->begin(sequence, path, segment->file_);
  return segment;
}

bool ActiveSegment::append(const PacketView& packet, std::span<const InterfaceInfo> interfaces) {
  if (packet.captured_length > kMaxPacketBytes) return false;
  const std::optional<std::uint32_t> interface = section_interface(packet, interfaces);
  if (!interface) return false;
  const std::uint64_t offset = bytes();
  PcapngWriter::enhanced_packet(buffer_, *interface, packet);
  index_.add_packet(offset, bytes(), packet.timestamp_ns);
  ++interface_packets_[*interface];
  buffered_packet_bytes_ += packet.captured_length;
  publication_->counters.packets_buffered.add();
  if (buffer_.size() >= kBufferBytes || publication_->flush_wanted()) {
    // A failure stays in failure(), where the writer finds it.
    [[maybe_unused]] const Result<void> flushed = flush();
  }
  return true;
}

std::optional<std::uint32_t> ActiveSegment::section_interface(const PacketView& packet,
                                                              std::span<const InterfaceInfo> interfaces) {
  const std::uint64_t key = interface_key(packet);
  if (key == last_interface_key_) return last_interface_;
  const auto next = static_cast<std::uint32_t>(interfaces_.size());
  const auto known = section_interfaces_.find(key);
  std::uint32_t interface = next;
  if (known != section_interfaces_.end()) {
    interface = known->second;
  } else {
    if (interfaces_.size() == SegmentIndex::kMaxInterfaces) return std::nullopt;
    InterfaceInfo info;
    if (packet.interface_id < interfaces.size()) info = interfaces[packet.interface_id];
    info.link_type = packet.link_type;
    index_.interface_offsets.push_back(bytes());
    PcapngWriter::interface_description(buffer_, info);
    interfaces_.push_back(std::move(info));
    interface_packets_.push_back(0);
    section_interfaces_.emplace(key, next);
  }
  last_interface_key_ = key;
  last_interface_ = interface;
  return interface;
}

Result<void> ActiveSegment::flush() {
  if (failure_) return *failure_;
  int error_number = 0;
  const std::size_t written = write_at(*file_, buffer_, written_bytes_, error_number);
  if (written != buffer_.size()) {
    failure_ = disk_error("write", files_.open(sequence()), error_number);
    salvage(written);
    return *failure_;
  }
  // Starts the disk early, so that the sync at the segment's end has little left to wait for.
  sync_file_range(file_->get(), static_cast<off_t>(written_bytes_), static_cast<off_t>(written),
                  SYNC_FILE_RANGE_WRITE);
  written_bytes_ += written;
  buffer_.clear();
  SegmentCounters& counters = publication_->counters;
  counters.packets_recorded.add(packets() - checkpoint_.summary.packets);
  counters.bytes_recorded.add(buffered_packet_bytes_);
  set_checkpoint();
  buffered_packet_bytes_ = 0;
  publication_->advance(index_, interfaces_);
  return {};
}

void ActiveSegment::set_checkpoint() {
  checkpoint_.summary = index_.summary;
  checkpoint_.chunks = index_.chunks.size();
  if (!index_.chunks.empty()) checkpoint_.last_chunk = index_.chunks.back();
}

void ActiveSegment::salvage(std::size_t written) {
  index_.summary = checkpoint_.summary;
  index_.chunks.resize(checkpoint_.chunks);
  if (!index_.chunks.empty()) index_.chunks.back() = checkpoint_.last_chunk;
  SegmentCounters& counters = publication_->counters;
  std::span<const std::byte> rest(buffer_);
  while (const auto block = parse_block(rest)) {
    const std::size_t begin = buffer_.size() - rest.size();
    const std::size_t end = begin + block->bytes.size();
    rest = rest.subspan(block->bytes.size());
    const auto packet = parse_packet_block(*block);
    if (!packet) continue;
    if (end <= written) {
      index_.add_packet(written_bytes_ + begin, written_bytes_ + end, packet->timestamp_ns);
      counters.packets_recorded.add();
      counters.bytes_recorded.add(packet->data.size());
    } else {
      --interface_packets_[packet->interface_index];
      counters.packets_lost_to_disk.add();
    }
  }
  while (!index_.interface_offsets.empty() && index_.interface_offsets.back() >= index_.summary.packets_end) {
    index_.interface_offsets.pop_back();
    interfaces_.pop_back();
  }
  if (packets() != 0) {
    written_bytes_ = index_.summary.packets_end;
    if (ftruncate(file_->get(), static_cast<off_t>(written_bytes_)) != 0) {
      failure_ = disk_error("cut", files_.open(sequence()), errno);
    }
  }
  buffer_.clear();
  set_checkpoint();
  publication_->advance(index_, interfaces_);
}

Result<void> ActiveSegment::complete(TimeNs now, const std::optional<CaptureLosses>& losses) {
  std::vector<InterfaceStatistics> statistics(index_.interface_offsets.size());
  // The capture counts for all its interfaces together; with several, only what was recorded is known of
  // each.
  if (statistics.size() == 1 && losses) {
    statistics[0] = {losses->offered, losses->dropped};
  } else {
    for (std::size_t interface = 0; interface < statistics.size(); ++interface) {
      statistics[interface].received = interface_packets_[interface];
      if (losses && losses->dropped == 0) statistics[interface].dropped = 0;
    }
  }
  return finish_segment(files_, *file_, index_, statistics, now);
}

std::uint64_t ActiveSegment::complete_bytes() const {
  return index_.summary.file_bytes + SegmentIndex::kHeaderBytes + index_.interface_offsets.size() * 8 +
         index_.chunks.size() * SegmentIndex::kChunkEntryBytes;
}

void ActiveSegment::remove() {
  publication_->end();
  unlink(files_.open(sequence()).c_str());
}

}  // namespace wireglass
