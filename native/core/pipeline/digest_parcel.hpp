#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "capture/capture_backend.hpp"
#include "meter/packet_digest.hpp"

namespace wireglass {

/// Which of a parcel's digests one owner gets, in the batch's order.
class DigestList {
 public:
  /// Room for `digests` of them.
  explicit DigestList(std::size_t digests) : places_(digests) {}

  /// Of the digests among the parcel's.
  std::span<const std::uint16_t> places() const { return {places_.data(), count_}; }
  std::size_t size() const { return count_; }
  /// Of those digests that are of outer flows.
  std::uint64_t outer_packets() const { return outer_packets_; }
  std::uint64_t outer_bytes() const { return outer_bytes_; }

  void clear() {
    count_ = 0;
    outer_packets_ = 0;
    outer_bytes_ = 0;
  }
  void add(std::size_t place) { places_[count_++] = static_cast<std::uint16_t>(place); }
  void add_outer(std::size_t place, std::uint64_t ip_bytes) {
    add(place);
    ++outer_packets_;
    outer_bytes_ += ip_bytes;
  }

 private:
  std::size_t count_ = 0;
  std::uint64_t outer_packets_ = 0;
  std::uint64_t outer_bytes_ = 0;
  std::vector<std::uint16_t> places_;
};

/// Which packets of a batch are metered, by whomever, and how their time stamps run.
class BatchTimes {
 public:
  void clear() {
    is_metered_.fill(false);
    any_ = false;
    in_order_ = true;
    last_ns_ = std::numeric_limits<TimeNs>::min();
  }
  /// Once more for the same packet is no matter.
  void add(std::size_t position, TimeNs timestamp_ns) {
    is_metered_[position] = true;
    if (!any_) first_ns_ = timestamp_ns;
    any_ = true;
    in_order_ = in_order_ && timestamp_ns >= last_ns_;
    last_ns_ = timestamp_ns;
  }

  bool is_metered(std::size_t position) const { return is_metered_[position]; }
  bool any() const { return any_; }
  bool in_order() const { return in_order_; }
  // Of the metered packets, in the batch's order; valid when there are any.
  TimeNs first() const { return first_ns_; }
  TimeNs last() const { return last_ns_; }

 private:
  std::array<bool, PacketBatch::kCapacity> is_metered_{};
  bool any_ = false;
  bool in_order_ = true;
  TimeNs first_ns_ = 0;
  TimeNs last_ns_ = 0;
};

/// A batch of packets on its way from the worker that decodes it to the owners of its flows. The digests
/// point into the batch's memory, which is held until the last owner has given the parcel back.
struct DigestParcel {
  DigestParcel(std::uint32_t workers, std::uint32_t digests_per_packet, std::uint32_t reader = 0)
      : home(reader), digests(PacketBatch::kCapacity * digests_per_packet) {
    for (std::uint32_t owner = 0; owner < workers; ++owner) lists.emplace_back(digests.size());
  }

  /// Which packet of the batch the digest at this place is of.
  static std::size_t packet_of(std::size_t place) { return place % PacketBatch::kCapacity; }

  const std::uint32_t home;  ///< the worker that reads into it, first of all or always
  PacketBatch batch;
  std::uint64_t number = 0;        ///< of the batch in its input, from 0
  std::uint64_t first_packet = 0;  ///< number of its first packet in the input, from 0
  std::shared_ptr<const std::vector<InterfaceInfo>> interfaces;  ///< all that its packets name
  /// At its packet's place in the batch; a second one of a packet kCapacity places further.
  std::vector<PacketDigest> digests;
  std::vector<DigestList> lists;              ///< by owner
  BatchTimes times;                           ///< where several workers need them
  std::atomic<std::uint32_t> owners_left{0};  ///< that have not given it back yet
};

}  // namespace wireglass
