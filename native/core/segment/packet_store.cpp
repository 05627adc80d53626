#include "segment/packet_store.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "segment/eviction_log.hpp"
#include "segment/packet_listing.hpp"
#include "segment/segment_catalog.hpp"
#include "segment/segment_publication.hpp"

namespace wireglass {
namespace {

/// "2026-03-01T12:00:00Z"
std::string utc_text(TimeNs time_ns) {
  const std::time_t seconds = time_ns / kSecondNs;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

Error not_found(const PacketId& id, const std::string& why) {
  return {"packet_not_found", "there is no packet " + id.to_string() + ": " + why};
}

Error evicted(const PacketId& id, const Eviction& eviction) {
  std::string when = "at " + utc_text(eviction.first_evicted_at_ns);
  if (eviction.is_range()) {
    when =
        "between " + utc_text(eviction.first_evicted_at_ns) + " and " + utc_text(eviction.last_evicted_at_ns);
  }
  return {"packet_evicted", "packet " + id.to_string() + " is gone: its segment was removed " + when + " (" +
                                eviction.reason + ")"};
}

std::string sensor_text(std::uint32_t sensor) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%08x", sensor);
  return text.data();
}

Error of_another_sensor(const PacketId& id, std::uint32_t sensor) {
  return not_found(
      id, "sensor " + sensor_text(id.sensor) + " recorded it, here is sensor " + sensor_text(sensor));
}

/// What became of a packet whose segment is not there.
Error explain_absence(const PacketId& id, const SegmentFiles& files) {
  const Result<std::vector<Eviction>> evictions = read_evictions(files.eviction_log());
  if (!evictions.ok()) return evictions.error();
  std::optional<std::uint32_t> other_sensor;
  for (const Eviction& eviction : evictions.value()) {
    if (id.segment < eviction.first_sequence || id.segment > eviction.last_sequence) continue;
    if (eviction.sensor != id.sensor) {
      other_sensor = eviction.sensor;
    } else if (!eviction.is_range() && eviction.packets != 0 && id.ordinal >= eviction.packets) {
      return not_found(id, "its segment held " + std::to_string(eviction.packets) + " packets");
    } else {
      return evicted(id, eviction);
    }
  }
  if (other_sensor) return of_another_sensor(id, *other_sensor);
  return not_found(id, "no segment " + std::to_string(id.segment) + " was recorded here");
}

Result<StoredPacket> read_from(const SegmentReader& reader, const PacketId& id) {
  const SegmentIndex& index = reader.layout().index;
  if (index.summary.sensor != id.sensor) return of_another_sensor(id, index.summary.sensor);
  if (id.ordinal >= index.summary.packets) {
    return not_found(id, "its segment holds " + std::to_string(index.summary.packets) + " packets");
  }
  const std::size_t chunk = index.chunk_of(id.ordinal);
  ChunkPackets packets;
  if (Result<void> walked = reader.read_chunk(chunk, packets); !walked.ok()) return walked.error();
  return stored_packet(reader, packets.packets[id.ordinal - index.chunks[chunk].first_ordinal], id.ordinal);
}

StoredSegment row_of(const SegmentIndex::Summary& summary, std::uint64_t file_bytes, bool open) {
  StoredSegment row;
  row.sequence = summary.sequence;
  row.packets = summary.packets;
  row.file_bytes = file_bytes;
  row.first_ns = summary.min_ns;
  row.last_ns = summary.max_ns;
  row.open = open;
  return row;
}

std::optional<SegmentReader> open_segment_of(const std::string& directory) {
  const std::shared_ptr<SegmentPublication> publication = SegmentPublication::find(directory);
  return publication ? publication->snapshot() : std::nullopt;
}

}  // namespace

struct PacketStore::State {
  State(std::string directory, const DecoderConfig& decoder_config)
      : catalog(SegmentFiles{std::move(directory)}), decoder(decoder_config) {}

  SegmentCatalog catalog;
  Decoder decoder;
};

PacketStore::PacketStore(std::string directory, const DecoderConfig& decoder)
    : state_(std::make_unique<State>(std::move(directory), decoder)) {}

PacketStore::~PacketStore() = default;

Result<StoredPacket> PacketStore::read(const PacketId& id) const {
  const SegmentFiles& files = state_->catalog.files();
  if (const auto publication = SegmentPublication::find(files.directory)) {
    if (const auto open = publication->snapshot_with(id.segment, id.ordinal)) return read_from(*open, id);
  }
  auto reader = state_->catalog.open(id.segment);
  if (!reader.ok()) return reader.error();
  if (!reader.value()) return explain_absence(id, files);
  return read_from(*reader.value(), id);
}

Result<std::vector<StoredPacket>> PacketStore::list(const PacketListing& listing) const {
  PacketListing unbounded = listing;
  unbounded.max_scanned_bytes = UINT64_MAX;
  Result<PacketListPage> found = page(unbounded);
  if (!found.ok()) return found.error();
  return std::move(found.value().packets);
}

Result<PacketListPage> PacketStore::page(const PacketListing& listing) const {
  if (listing.limit == 0 || listing.limit > kMaxListing) {
    return Error{"bad_argument", "limit is " + std::to_string(listing.limit) + ", expected 1 to 1000"};
  }
  PacketPage page(listing, state_->decoder);
  const SegmentFiles& files = state_->catalog.files();
  // The open segment first: should it be completed meanwhile, it is passed over in the directory, not missed.
  const std::optional<SegmentReader> open = open_segment_of(files.directory);
  std::vector<std::uint64_t> sequences;
  Result<SegmentListing> found = list_segment_files(files.directory);
  if (!found.ok()) return found.error();
  sequences = std::move(found.value().complete);
  const std::uint64_t open_sequence = open ? open->layout().index.summary.sequence : 0;
  std::erase_if(sequences, [&](std::uint64_t sequence) {
    if (sequence == open_sequence) return true;
    if (!listing.before) return false;
    return listing.before->ordinal == 0 ? sequence >= listing.before->segment
                                        : sequence > listing.before->segment;
  });
  if (open)
    sequences.insert(std::upper_bound(sequences.begin(), sequences.end(), open_sequence), open_sequence);
  auto sequence = sequences.rbegin();
  for (; sequence != sequences.rend() && !page.full(); ++sequence) {
    Result<void> added;
    if (open && *sequence == open_sequence) {
      added = page.add(*open);
    } else {
      const IndexReading header = read_index_header(files.index(*sequence));
      if (header.damage == IndexDamage::kNone &&
          !page.in_time(header.index.summary.min_ns, header.index.summary.max_ns))
        continue;
      auto reader = state_->catalog.open(*sequence);
      if (reader.ok() && !reader.value()) continue;  // evicted meanwhile
      added = reader.ok() ? page.add(*reader.value()) : Result<void>(reader.error());
    }
    if (!added.ok()) {
      return Error{added.error().code, added.error().message +
                                           "; older packets: list those before the first one of segment " +
                                           std::to_string(*sequence)};
    }
  }
  return page.take(sequence == sequences.rend());
}

Result<std::vector<StoredSegment>> PacketStore::segments() const {
  const SegmentFiles& files = state_->catalog.files();
  const std::optional<SegmentReader> open = open_segment_of(files.directory);
  Result<SegmentListing> found = list_segment_files(files.directory);
  if (!found.ok()) return found.error();
  std::vector<StoredSegment> rows;
  for (const std::uint64_t sequence : found.value().complete) {
    if (open && sequence == open->layout().index.summary.sequence) continue;
    const IndexReading header = read_index_header(files.index(sequence));
    StoredSegment row = row_of(header.index.summary, header.index.summary.file_bytes, false);
    if (header.damage != IndexDamage::kNone) {
      struct stat status{};
      if (stat(files.complete(sequence).c_str(), &status) != 0) continue;  // evicted meanwhile
      row.damage = header.error.message;
      row.file_bytes = static_cast<std::uint64_t>(status.st_size);
    }
    row.sequence = sequence;
    rows.push_back(std::move(row));
  }
  if (open) {
    const SegmentIndex::Summary& summary = open->layout().index.summary;
    rows.push_back(row_of(summary, summary.packets_end, true));
  }
  std::sort(rows.begin(), rows.end(), [](const StoredSegment& left, const StoredSegment& right) {
    return left.sequence < right.sequence;
  });
  return rows;
}

Result<PacketStoreTotals> PacketStore::totals() const {
  Result<std::vector<StoredSegment>> rows = segments();
  if (!rows.ok()) return rows.error();
  PacketStoreTotals totals;
  for (const StoredSegment& row : rows.value()) {
    ++totals.segments;
    totals.file_bytes += row.file_bytes;
    if (!row.damage.empty()) {
      ++totals.damaged_segments;
      continue;
    }
    totals.packets += row.packets;
    totals.first_ns = totals.first_ns ? std::min(*totals.first_ns, row.first_ns) : row.first_ns;
    totals.last_ns = totals.last_ns ? std::max(*totals.last_ns, row.last_ns) : row.last_ns;
  }
  return totals;
}

}  // namespace wireglass
