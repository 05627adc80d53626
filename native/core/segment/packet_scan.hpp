#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "packet/interface_info.hpp"
#include "packet/packet_view.hpp"
#include "segment/packet_id.hpp"
#include "segment/segment_catalog.hpp"

namespace wireglass {

/// A packet that a scan comes by; valid during the call.
struct ScannedPacket {
  const PacketView& view;
  const InterfaceInfo& interface;
  std::optional<PacketId> id;  ///< of recorded packets
  std::span<const std::byte>
      options;  ///< of its enhanced packet block as stored, the end of options included
};

struct TimeRange {
  std::optional<TimeNs> from_ns;  ///< included
  std::optional<TimeNs> to_ns;    ///< not included

  bool holds(TimeNs time_ns) const {
    return (!from_ns || time_ns >= *from_ns) && (!to_ns || time_ns < *to_ns);
  }
  /// Whether something between these times, both included, can lie in the range.
  bool overlaps(TimeNs first_ns, TimeNs last_ns) const {
    return (!from_ns || last_ns >= *from_ns) && (!to_ns || first_ns < *to_ns);
  }
};

/// Reads packets of a time range once, in the order of their place, a bounded piece at a time. Not
/// thread-safe.
class PacketScan {
 public:
  /// False: enough.
  using Visit = std::function<bool(const ScannedPacket&)>;

  virtual ~PacketScan() = default;

  /// Hands the packets of the next piece on; false when nothing is left or `visit` had enough. Errors: what
  /// kept the scan from beginning.
  virtual Result<bool> next(const Visit& visit) = 0;

  /// Goes back to the beginning, where that is possible.
  virtual bool rewind() = 0;

  /// The one link type that all packets have, where that is known beforehand.
  virtual std::optional<LinkType> single_link_type() = 0;

  /// 0 to 1, negative where unknown.
  virtual double progress() const = 0;

  std::uint64_t scanned_packets() const { return scanned_packets_; }
  std::uint64_t scanned_bytes() const { return scanned_bytes_; }
  /// Segments that were evicted before they could be opened.
  std::uint64_t evicted_segments() const { return evicted_segments_; }
  /// What could not be read to its end, kMaxFailures at most of failure_count().
  const std::vector<Error>& failures() const { return failures_; }
  std::uint64_t failure_count() const { return failure_count_; }

  static constexpr std::size_t kMaxFailures = 16;

 protected:
  void add_failure(Error error) {
    ++failure_count_;
    if (failures_.size() < kMaxFailures) failures_.push_back(std::move(error));
  }
  void reset_counts() {
    scanned_packets_ = scanned_bytes_ = evicted_segments_ = failure_count_ = 0;
    failures_.clear();
  }

  std::uint64_t scanned_packets_ = 0;
  std::uint64_t scanned_bytes_ = 0;
  std::uint64_t evicted_segments_ = 0;

 private:
  std::vector<Error> failures_;
  std::uint64_t failure_count_ = 0;
};

/// Recorded packets: what is written when the scan is made. The open segment is included: flushed first where
/// this process writes it, else as far as its file goes. A segment that is open when it is evicted is read to
/// its end; one that is evicted before is counted. What cannot be read is told in failures(), and the scan
/// goes on with the next segment. An index of packets will stand behind the same call. Errors:
/// "segment_damaged" when the directory cannot be read.
Result<std::unique_ptr<PacketScan>> scan_segments(const std::string& directory, const TimeRange& range);

}  // namespace wireglass
