#include "segment/packet_scan.hpp"

#include <fcntl.h>

#include <algorithm>
#include <utility>

#include "segment/packet_listing.hpp"
#include "segment/segment_publication.hpp"
#include "segment/segment_recovery.hpp"

namespace wireglass {
namespace {

class RecordedPackets final : public PacketScan {
 public:
  RecordedPackets(const std::string& directory, const TimeRange& range)
      : catalog_(SegmentFiles{directory}), range_(range) {}

  Result<void> plan();
  Result<bool> next(const Visit& visit) override;
  bool rewind() override;
  std::optional<LinkType> single_link_type() override;
  double progress() const override {
    return planned_bytes_ == 0
               ? 1.0
               : std::min(1.0, static_cast<double>(passed_bytes_) / static_cast<double>(planned_bytes_));
  }

 private:
  struct Planned {
    std::uint64_t sequence = 0;
    std::uint64_t bytes = 0;
  };

  /// The open segment of another process, as far as it is written; it goes on with the complete ones where it
  /// was completed meanwhile.
  void read_foreign_open(std::uint64_t sequence, std::optional<std::uint32_t> sensor);
  /// Empty when it is gone or cannot be read, which is counted.
  std::optional<SegmentReader> open(std::uint64_t sequence);
  /// False: `visit` had enough.
  bool visit_chunk(const Visit& visit);
  bool visit_packet(const Visit& visit, const PacketBlock& packet, std::uint64_t ordinal);

  SegmentCatalog catalog_;
  TimeRange range_;
  std::vector<Planned> segments_;
  std::optional<SegmentReader> open_segment_;  ///< the one still written, as it was when the scan was made
  bool open_has_ids_ = true;                   ///< its sensor is known
  std::uint64_t planned_bytes_ = 0;
  std::uint64_t passed_bytes_ = 0;
  std::size_t next_segment_ = 0;
  std::optional<SegmentReader> reader_;
  std::size_t next_chunk_ = 0;
  ChunkPackets chunk_;
};

Result<void> RecordedPackets::plan() {
  const SegmentFiles& files = catalog_.files();
  // The open segment first: should it be completed meanwhile, it is passed over in the directory, not missed.
  if (const auto publication = SegmentPublication::find(files.directory))
    open_segment_ = publication->snapshot();
  Result<SegmentListing> found = list_segment_files(files.directory);
  if (!found.ok()) return found.error();
  const std::uint64_t own_sequence = open_segment_ ? open_segment_->layout().index.summary.sequence : 0;
  std::optional<std::uint32_t> sensor;
  for (const std::uint64_t sequence : found.value().complete) {
    if (sequence == own_sequence) continue;
    const IndexReading header = read_index_header(files.index(sequence));
    const SegmentIndex::Summary& summary = header.index.summary;
    if (header.damage == IndexDamage::kNone) sensor = summary.sensor;
    // One whose index is damaged is tried, so that its damage is told.
    if (header.damage != IndexDamage::kNone || range_.overlaps(summary.min_ns, summary.max_ns))
      segments_.push_back({sequence, summary.packets_end});
  }
  if (!SegmentPublication::find(files.directory)) {
    for (const std::uint64_t sequence : found.value().open) read_foreign_open(sequence, sensor);
  }
  if (open_segment_) {
    const SegmentIndex::Summary& summary = open_segment_->layout().index.summary;
    const auto place = std::ranges::upper_bound(segments_, summary.sequence, {}, &Planned::sequence);
    if (range_.overlaps(summary.min_ns, summary.max_ns))
      segments_.insert(place, {summary.sequence, summary.packets_end});
  }
  for (const Planned& segment : segments_) planned_bytes_ += segment.bytes;
  return {};
}

void RecordedPackets::read_foreign_open(std::uint64_t sequence, std::optional<std::uint32_t> sensor) {
  const std::string path = catalog_.files().open(sequence);
  auto file = std::make_shared<FileDescriptor>(open_file(path, O_RDONLY));
  if (!file->valid()) {
    segments_.push_back({sequence, 0});
    return;
  }
  Result<SegmentScan> found = scan_segment(path, *file);
  if (!found.ok()) return add_failure(found.error());
  SegmentLayout& layout = found.value().layout;
  if (layout.index.summary.packets == 0) return;
  layout.index.summary.sequence = sequence;
  layout.index.summary.sensor = sensor.value_or(0);
  open_has_ids_ = sensor.has_value();
  open_segment_ =
      SegmentReader(path, std::move(file), std::make_shared<const SegmentLayout>(std::move(layout)));
}

bool RecordedPackets::rewind() {
  reset_counts();
  passed_bytes_ = 0;
  next_segment_ = 0;
  reader_.reset();
  return true;
}

std::optional<SegmentReader> RecordedPackets::open(std::uint64_t sequence) {
  if (open_segment_ && open_segment_->layout().index.summary.sequence == sequence) return open_segment_;
  auto opened = catalog_.open(sequence);
  if (!opened.ok()) {
    add_failure(opened.error());
    return std::nullopt;
  }
  if (!opened.value()) ++evicted_segments_;
  return std::move(opened.value());
}

std::optional<LinkType> RecordedPackets::single_link_type() {
  std::optional<LinkType> single;
  bool several = false;
  for (const Planned& segment : segments_) {
    const std::optional<SegmentReader> reader = open(segment.sequence);
    if (!reader) continue;
    for (const InterfaceInfo& interface : reader->layout().interfaces) {
      several |= single && *single != interface.link_type;
      single = interface.link_type;
    }
    if (several) break;
  }
  reset_counts();
  if (several) return std::nullopt;
  return single.value_or(LinkType::kEthernet);
}

Result<bool> RecordedPackets::next(const Visit& visit) {
  if (!reader_) {
    if (next_segment_ == segments_.size()) return false;
    next_chunk_ = 0;
    reader_ = open(segments_[next_segment_].sequence);
  }
  bool more = true;
  if (reader_) {
    const std::vector<SegmentIndex::Chunk>& chunks = reader_->layout().index.chunks;
    while (next_chunk_ < chunks.size() &&
           !range_.overlaps(chunks[next_chunk_].min_ns, chunks[next_chunk_].max_ns))
      ++next_chunk_;
    if (next_chunk_ < chunks.size()) {
      more = visit_chunk(visit);
      ++next_chunk_;
    }
    if (reader_ && next_chunk_ < chunks.size()) return more;
  }
  // Whatever of it was passed over counts as done.
  reader_.reset();
  ++next_segment_;
  passed_bytes_ = 0;
  for (std::size_t done = 0; done < next_segment_; ++done) passed_bytes_ += segments_[done].bytes;
  return more && next_segment_ < segments_.size();
}

bool RecordedPackets::visit_chunk(const Visit& visit) {
  const SegmentIndex& index = reader_->layout().index;
  if (Result<void> walked = reader_->read_chunk(next_chunk_, chunk_); !walked.ok()) {
    add_failure({walked.error().code, walked.error().message + "; the rest of this segment is left out"});
    next_chunk_ = index.chunks.size();
    return true;
  }
  scanned_bytes_ += chunk_.bytes.size();
  passed_bytes_ += chunk_.bytes.size();
  std::uint64_t ordinal = index.chunks[next_chunk_].first_ordinal;
  for (const PacketBlock& packet : chunk_.packets) {
    if (!visit_packet(visit, packet, ordinal++)) return false;
  }
  return true;
}

bool RecordedPackets::visit_packet(const Visit& visit, const PacketBlock& packet, std::uint64_t ordinal) {
  ++scanned_packets_;
  if (!range_.holds(packet.timestamp_ns)) return true;
  const SegmentLayout& layout = reader_->layout();
  const PacketView view = view_of(*reader_, packet);
  std::optional<PacketId> id = PacketId{layout.index.summary.sensor, layout.index.summary.sequence,
                                        static_cast<std::uint32_t>(ordinal)};
  if (!open_has_ids_ && open_segment_->path() == reader_->path()) id.reset();
  return visit({view, layout.interfaces[packet.interface_index], id, packet.options});
}

}  // namespace

Result<std::unique_ptr<PacketScan>> scan_segments(const std::string& directory, const TimeRange& range) {
  auto scan = std::make_unique<RecordedPackets>(directory, range);
  if (Result<void> planned = scan->plan(); !planned.ok()) return planned.error();
  return std::unique_ptr<PacketScan>(std::move(scan));
}

}  // namespace wireglass
