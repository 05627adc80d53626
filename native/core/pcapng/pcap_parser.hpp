#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "packet/link_type.hpp"
#include "packet/packet_view.hpp"
#include "pcapng/byte_order.hpp"
#include "pcapng/record_step.hpp"

namespace wireglass {

/// Classic pcap (draft-ietf-opsawg-pcap): a file header, then records of a fixed header and the packet's
/// bytes.
class PcapParser {
 public:
  static constexpr std::size_t kFileHeaderBytes = 24;

  /// Whether a file that begins with `magic` (4 bytes) is a pcap.
  static bool knows(const std::byte* magic);
  /// From a file header of kFileHeaderBytes that knows() accepted. An error's message has no file name.
  static Result<PcapParser> from_file_header(const std::byte* header);

  LinkType link_type() const { return link_type_; }
  std::uint32_t snaplen() const { return snaplen_; }
  const std::string& damage() const { return damage_; }

  /// The record at `window`. Captured length above original length and a snaplen of 0 are taken as they
  /// stand, as libpcap and Wireshark do.
  RecordStep parse(std::span<const std::byte> window, PacketView& packet) {
    if (window.size() < record_header_bytes_) return {RecordStep::Outcome::kMore, record_header_bytes_};
    const std::byte* record = window.data();
    const std::uint32_t captured = order_.u32(record + captured_at_);
    const std::uint32_t original = order_.u32(record + original_at_);
    const Lengths lengths = lengths_may_be_swapped_ && captured > original ? Lengths{original, captured}
                                                                           : Lengths{captured, original};
    if (lengths.captured > kMaxRecordBytes) [[unlikely]]
      return too_long(lengths.captured);
    const std::size_t record_bytes = record_header_bytes_ + std::size_t{lengths.captured};
    if (window.size() < record_bytes) return {RecordStep::Outcome::kMore, record_bytes};

    packet.data = record + record_header_bytes_;
    packet.captured_length = lengths.captured;
    packet.original_length = lengths.original;
    packet.timestamp_ns = timestamp(order_.u32(record), order_.u32(record + 4));
    packet.interface_id = 0;
    packet.link_type = link_type_;
    return {RecordStep::Outcome::kPacket, record_bytes};
  }

 private:
  struct Lengths {
    std::uint32_t captured;
    std::uint32_t original;
  };

  /// Seconds are unsigned, up to 2106. A fraction of a second or more is not valid; such a packet is put at
  /// the end of its second, which keeps damage to a time stamp from moving flows by up to 71 minutes.
  TimeNs timestamp(std::uint32_t seconds, std::uint32_t fraction) const {
    return static_cast<TimeNs>(seconds) * kSecondNs +
           std::min(static_cast<TimeNs>(fraction) * fraction_ns_, kSecondNs - 1);
  }
  RecordStep too_long(std::uint32_t captured);

  FileByteOrder order_;
  TimeNs fraction_ns_ = kMicrosecondNs;
  std::size_t record_header_bytes_ = 0;
  std::size_t captured_at_ = 0;
  std::size_t original_at_ = 0;
  bool lengths_may_be_swapped_ = false;
  LinkType link_type_ = LinkType::kEthernet;
  std::uint32_t snaplen_ = 0;
  std::string damage_;
};

}  // namespace wireglass
