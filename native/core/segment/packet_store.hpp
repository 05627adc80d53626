#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "decode/dissection.hpp"
#include "filter/packet_filter.hpp"
#include "packet/ip_address.hpp"
#include "packet/link_type.hpp"
#include "segment/packet_id.hpp"

namespace wireglass {

/// A recorded packet with its bytes.
struct StoredPacket {
  PacketId id;
  TimeNs timestamp_ns = 0;
  std::uint32_t original_length = 0;
  LinkType link_type = LinkType::kEthernet;
  std::string interface;
  std::vector<std::byte> data;
};

enum class PacketKind : std::uint8_t {
  kAny,
  kLisp,  ///< LISP data or control
};

struct PacketListing {
  std::size_t limit = 100;  ///< 1 to 1 000
  PacketKind kind = PacketKind::kAny;
  std::optional<PacketId> before;  ///< only packets recorded before this one
  std::optional<TimeNs> from_ns;   ///< time range, both ends included
  std::optional<TimeNs> to_ns;
  PacketFilter filter;
  /// Of segments read for one page.
  std::uint64_t max_scanned_bytes = 256ull << 20;
};

struct PacketListPage {
  std::vector<StoredPacket> packets;
  /// `before` of the page that follows: where the reading ended, because the page is full or as much was read
  /// as one page may. Empty when nothing older is left.
  std::optional<PacketId> next_before;
};

struct StoredSegment {
  std::uint64_t sequence = 0;
  std::uint64_t packets = 0;
  std::uint64_t file_bytes = 0;
  TimeNs first_ns = 0;
  TimeNs last_ns = 0;
  bool open = false;
  std::string damage;  ///< why it cannot be read; its packets and times are not known then
};

struct PacketStoreTotals {
  std::uint64_t segments = 0;
  std::uint64_t damaged_segments = 0;  ///< of those; their packets are not in `packets`
  std::uint64_t packets = 0;
  std::uint64_t file_bytes = 0;
  std::optional<TimeNs> first_ns;
  std::optional<TimeNs> last_ns;
};

/// Reads what SegmentWriter wrote, the open segment of this process included (which is flushed first). Any
/// number of threads may call it, while the writer writes.
class PacketStore {
 public:
  /// The directory need not exist yet. `decoder` must be what the capture decodes with: it tells LISP by its
  /// ports.
  explicit PacketStore(std::string directory, const DecoderConfig& decoder = {});
  ~PacketStore();
  PacketStore(const PacketStore&) = delete;
  PacketStore& operator=(const PacketStore&) = delete;

  /// One packet without a scan: index lookup, then at most one chunk is walked. Errors: "packet_not_found",
  /// "packet_evicted" (message: when and why), "segment_damaged".
  Result<StoredPacket> read(const PacketId& id) const;

  /// Packets newest first (by place on disk), however far the reading has to go for them. Fewer than `limit`
  /// when there are no more, or when their bytes exceed kMaxListingBytes. Errors: "bad_argument" (limit),
  /// "segment_damaged": the page reaches a segment that cannot be read; the message tells how to go on behind
  /// it.
  Result<std::vector<StoredPacket>> list(const PacketListing& listing) const;

  /// The same with the place where the next page begins. With a kind or a filter it may hold fewer packets
  /// than asked for, or none, when
  /// max_scanned_bytes were read first.
  Result<PacketListPage> page(const PacketListing& listing) const;

  /// Every segment, oldest first. Errors: "segment_damaged" when the directory cannot be read.
  Result<std::vector<StoredSegment>> segments() const;
  Result<PacketStoreTotals> totals() const;

  static constexpr std::size_t kMaxListing = 1000;
  static constexpr std::uint64_t kMaxListingBytes = 256ull << 20;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wireglass
