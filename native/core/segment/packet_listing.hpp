#pragma once

#include <cstdint>
#include <vector>

#include "decode/decoder.hpp"
#include "segment/packet_store.hpp"
#include "segment/segment_reader.hpp"

namespace wireglass {

/// A packet of a segment with its id and a copy of its bytes.
StoredPacket stored_packet(const SegmentReader& reader, const PacketBlock& packet, std::uint64_t ordinal);

/// What a packet of a segment is to the stages that look at single packets.
PacketView view_of(const SegmentReader& reader, const PacketBlock& packet);

/// Collects the page that a listing asks for: segments are added newest first, each walked chunk by chunk
/// from its end.
class PacketPage {
 public:
  PacketPage(const PacketListing& listing, const Decoder& decoder)
      : listing_(listing),
        decoder_(decoder),
        decodes_(listing.kind != PacketKind::kAny || !listing.filter.passes_all()) {}

  bool full() const {
    return page_.packets.size() >= listing_.limit || bytes_ > PacketStore::kMaxListingBytes ||
           scanned_bytes_ >= listing_.max_scanned_bytes;
  }
  /// Whether packets between these times can be asked for.
  bool in_time(TimeNs min_ns, TimeNs max_ns) const;
  /// Errors: "segment_damaged".
  Result<void> add(const SegmentReader& reader);
  /// `oldest` says whether the segment that was added last is the oldest one.
  PacketListPage take(bool oldest);

 private:
  void add_chunk(const SegmentReader& reader, std::uint64_t first, std::uint64_t end);
  bool wanted(const SegmentReader& reader, const PacketBlock& packet);
  bool is_lisp() const;

  const PacketListing& listing_;
  const Decoder& decoder_;
  const bool decodes_;
  DecodedPacket decoded_;
  ChunkPackets chunk_;
  PacketListPage page_;
  PacketId reached_;  ///< the oldest packet that was looked at
  std::uint64_t bytes_ = 0;
  std::uint64_t scanned_bytes_ = 0;
};

}  // namespace wireglass
