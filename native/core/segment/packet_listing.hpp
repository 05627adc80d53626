#pragma once

#include <cstdint>
#include <vector>

#include "decode/decoder.hpp"
#include "segment/packet_store.hpp"
#include "segment/segment_reader.hpp"

namespace wireglass {

/// A packet of a segment with its id and a copy of its bytes.
StoredPacket stored_packet(const SegmentReader& reader, const PacketBlock& packet, std::uint64_t ordinal);

/// Collects the page that a listing asks for: segments are added newest first, each walked chunk by chunk
/// from its end.
class PacketPage {
 public:
  PacketPage(const PacketListing& listing, const Decoder& decoder) : listing_(listing), decoder_(decoder) {}

  bool full() const { return packets_.size() >= listing_.limit || bytes_ > PacketStore::kMaxListingBytes; }
  /// Whether packets between these times can be asked for.
  bool in_time(TimeNs min_ns, TimeNs max_ns) const;
  /// Errors: "segment_damaged".
  Result<void> add(const SegmentReader& reader);
  std::vector<StoredPacket> take() { return std::move(packets_); }

 private:
  bool wanted(const SegmentReader& reader, const PacketBlock& packet);
  bool is_lisp(const SegmentReader& reader, const PacketBlock& packet);

  const PacketListing& listing_;
  const Decoder& decoder_;
  DecodedPacket decoded_;
  ChunkPackets chunk_;
  std::vector<StoredPacket> packets_;
  std::uint64_t bytes_ = 0;
};

}  // namespace wireglass
