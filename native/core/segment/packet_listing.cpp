#include "segment/packet_listing.hpp"

#include <algorithm>

namespace wireglass {

StoredPacket stored_packet(const SegmentReader& reader, const PacketBlock& packet, std::uint64_t ordinal) {
  const SegmentLayout& layout = reader.layout();
  const InterfaceInfo& interface = layout.interfaces[packet.interface_index];
  StoredPacket stored;
  stored.id = {layout.index.summary.sensor, layout.index.summary.sequence,
               static_cast<std::uint32_t>(ordinal)};
  stored.timestamp_ns = packet.timestamp_ns;
  stored.original_length = packet.original_length;
  stored.link_type = interface.link_type;
  stored.interface = interface.name;
  stored.data.assign(packet.data.begin(), packet.data.end());
  return stored;
}

PacketView view_of(const SegmentReader& reader, const PacketBlock& packet) {
  PacketView view;
  view.data = packet.data.data();
  view.captured_length = static_cast<std::uint32_t>(packet.data.size());
  view.original_length = packet.original_length;
  view.timestamp_ns = packet.timestamp_ns;
  view.interface_id = packet.interface_index;
  view.link_type = reader.layout().interfaces[packet.interface_index].link_type;
  return view;
}

bool PacketPage::in_time(TimeNs min_ns, TimeNs max_ns) const {
  return (!listing_.from_ns || max_ns >= *listing_.from_ns) && (!listing_.to_ns || min_ns <= *listing_.to_ns);
}

Result<void> PacketPage::add(const SegmentReader& reader) {
  const SegmentIndex& index = reader.layout().index;
  if (!in_time(index.summary.min_ns, index.summary.max_ns)) return {};
  std::uint64_t end = index.summary.packets;
  if (listing_.before) {
    if (index.summary.sequence > listing_.before->segment) return {};
    if (index.summary.sequence == listing_.before->segment)
      end = std::min<std::uint64_t>(end, listing_.before->ordinal);
  }
  reached_ = {index.summary.sensor, index.summary.sequence, static_cast<std::uint32_t>(end)};
  while (end != 0 && !full()) {
    const std::size_t chunk = index.chunk_of(end - 1);
    const std::uint64_t first = index.chunks[chunk].first_ordinal;
    reached_.ordinal = static_cast<std::uint32_t>(first);
    if (in_time(index.chunks[chunk].min_ns, index.chunks[chunk].max_ns)) {
      if (Result<void> walked = reader.read_chunk(chunk, chunk_); !walked.ok()) return walked;
      scanned_bytes_ += chunk_.bytes.size();
      add_chunk(reader, first, end);
    }
    end = first;
  }
  return {};
}

void PacketPage::add_chunk(const SegmentReader& reader, std::uint64_t first, std::uint64_t end) {
  for (std::uint64_t ordinal = end; ordinal-- != first;) {
    const PacketBlock& packet = chunk_.packets[ordinal - first];
    if (!wanted(reader, packet)) continue;
    page_.packets.push_back(stored_packet(reader, packet, ordinal));
    bytes_ += packet.data.size();
    if (page_.packets.size() < listing_.limit && bytes_ <= PacketStore::kMaxListingBytes) continue;
    reached_.ordinal = static_cast<std::uint32_t>(ordinal);
    return;
  }
}

PacketListPage PacketPage::take(bool oldest) {
  if (full() && !(oldest && reached_.ordinal == 0)) page_.next_before = reached_;
  return std::move(page_);
}

bool PacketPage::wanted(const SegmentReader& reader, const PacketBlock& packet) {
  if (!in_time(packet.timestamp_ns, packet.timestamp_ns)) return false;
  if (!decodes_) return true;
  const PacketView view = view_of(reader, packet);
  decoder_.decode(view, decoded_);
  if (listing_.kind == PacketKind::kLisp && !is_lisp()) return false;
  return listing_.filter.matches({view, decoded_, reader.layout().interfaces[packet.interface_index].name});
}

bool PacketPage::is_lisp() const {
  if (decoded_.overlay == Overlay::kLisp) return true;
  const auto headers = std::span(decoded_.headers).first(decoded_.header_count);
  return std::any_of(headers.begin(), headers.end(), [](const HeaderRef& header) {
    return header.protocol == ProtocolId::kLisp || header.protocol == ProtocolId::kLispControl;
  });
}

}  // namespace wireglass
