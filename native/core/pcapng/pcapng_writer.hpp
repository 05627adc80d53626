#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "packet/interface_info.hpp"
#include "packet/packet_view.hpp"

namespace wireglass {

/// Appends PCAPNG blocks (draft-ietf-opsawg-pcapng, little-endian) to a byte buffer. Owns no file.
class PcapngWriter {
 public:
  using Buffer = std::vector<std::byte>;

  /// Names longer than this (an interface's, the application's) are cut; an option holds 65 535 bytes at
  /// most.
  static constexpr std::size_t kMaxTextBytes = 4096;

  /// SHB with shb_userappl.
  static void section_header(Buffer& out, std::string_view application);
  /// IDB with if_name and if_tsresol 9.
  static void interface_description(Buffer& out, const InterfaceInfo& interface);
  /// EPB; `interface_index` counts the IDBs of the section. `options` are whole options as they stand in a
  /// block, their end included.
  static void enhanced_packet(Buffer& out, std::uint32_t interface_index, const PacketView& packet,
                              std::span<const std::byte> options = {});
  /// ISB with isb_filteraccept: packets that a filter passed (section 4.6).
  static void filter_statistics(Buffer& out, std::uint32_t interface_index, TimeNs now,
                                std::uint64_t accepted);
  /// ISB with isb_ifrecv and isb_ifdrop, each only where it is known.
  static void interface_statistics(Buffer& out, std::uint32_t interface_index, TimeNs now,
                                   std::optional<std::uint64_t> received,
                                   std::optional<std::uint64_t> dropped);

  /// Length of the block that enhanced_packet() appends.
  static constexpr std::uint32_t enhanced_packet_bytes(std::uint32_t captured_length) {
    return 28 + ((captured_length + 3) & ~3u) + 4;
  }
};

/// Appends a classic pcap with microsecond time stamps (magic 0xa1b2c3d4), which every tool reads, or with
/// nanoseconds (0xa1b23c4d).
class PcapWriter {
 public:
  enum class Resolution : std::uint8_t { kMicroseconds, kNanoseconds };

  /// Readers refuse longer packets (libpcap's MAXIMUM_SNAPLEN), so the captured bytes are cut there.
  static constexpr std::uint32_t kMaxPacketBytes = 262144;

  static void file_header(PcapngWriter::Buffer& out, LinkType link_type,
                          std::uint32_t snaplen = kMaxPacketBytes,
                          Resolution resolution = Resolution::kMicroseconds);
  /// Time stamps outside of 1970 to 2106, which the format cannot hold, become its first or last second.
  static void packet(PcapngWriter::Buffer& out, const PacketView& packet,
                     Resolution resolution = Resolution::kMicroseconds);
};

}  // namespace wireglass
