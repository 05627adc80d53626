#pragma once

#include <array>
#include <atomic>
#include <cstdint>
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

/// The time stamps of those packets of a batch that are metered, by whomever.
class BatchTimes {
 public:
  void clear() {
    count_ = 0;
    in_order_ = true;
  }
  /// Once more for the same packet is no matter.
  void add(std::size_t position, TimeNs timestamp_ns) {
    if (count_ > 0 && positions_[count_ - 1] == position) return;
    if (count_ > 0 && timestamp_ns < times_[count_ - 1]) in_order_ = false;
    positions_[count_] = static_cast<std::uint16_t>(position);
    times_[count_++] = timestamp_ns;
  }

  std::size_t size() const { return count_; }
  bool in_order() const { return in_order_; }
  TimeNs time(std::size_t index) const { return times_[index]; }
  std::size_t position(std::size_t index) const { return positions_[index]; }

 private:
  std::size_t count_ = 0;
  bool in_order_ = true;
  std::array<TimeNs, PacketBatch::kCapacity> times_;
  std::array<std::uint16_t, PacketBatch::kCapacity> positions_;
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
