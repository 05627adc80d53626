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
  while (end != 0 && !full()) {
    const std::size_t chunk = index.chunk_of(end - 1);
    const std::uint64_t first = index.chunks[chunk].first_ordinal;
    if (in_time(index.chunks[chunk].min_ns, index.chunks[chunk].max_ns)) {
      if (Result<void> walked = reader.read_chunk(chunk, chunk_); !walked.ok()) return walked;
      for (std::uint64_t ordinal = end; ordinal-- != first && !full();) {
        const PacketBlock& packet = chunk_.packets[ordinal - first];
        if (!wanted(reader, packet)) continue;
        packets_.push_back(stored_packet(reader, packet, ordinal));
        bytes_ += packet.data.size();
      }
    }
    end = first;
  }
  return {};
}

bool PacketPage::wanted(const SegmentReader& reader, const PacketBlock& packet) {
  return in_time(packet.timestamp_ns, packet.timestamp_ns) &&
         (listing_.kind == PacketKind::kAny || is_lisp(reader, packet));
}

bool PacketPage::is_lisp(const SegmentReader& reader, const PacketBlock& packet) {
  PacketView view;
  view.data = packet.data.data();
  view.captured_length = static_cast<std::uint32_t>(packet.data.size());
  view.original_length = packet.original_length;
  view.timestamp_ns = packet.timestamp_ns;
  view.link_type = reader.layout().interfaces[packet.interface_index].link_type;
  decoder_.decode(view, decoded_);
  if (decoded_.overlay == Overlay::kLisp) return true;
  const auto headers = std::span(decoded_.headers).first(decoded_.header_count);
  return std::any_of(headers.begin(), headers.end(), [](const HeaderRef& header) {
    return header.protocol == ProtocolId::kLisp || header.protocol == ProtocolId::kLispControl;
  });
}

}  // namespace wireglass
