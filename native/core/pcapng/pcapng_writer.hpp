#pragma once

#include <cstdint>
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

  /// SHB with shb_userappl.
  static void section_header(Buffer& out, std::string_view application);
  /// IDB with if_name and if_tsresol 9.
  static void interface_description(Buffer& out, const InterfaceInfo& interface);
  /// EPB; `interface_index` counts the IDBs of the section.
  static void enhanced_packet(Buffer& out, std::uint32_t interface_index, const PacketView& packet);
  /// ISB with isb_ifrecv and isb_ifdrop.
  static void interface_statistics(Buffer& out, std::uint32_t interface_index, TimeNs now, std::uint64_t received,
                                   std::uint64_t dropped);
};

/// Appends a classic pcap with microsecond time stamps (magic 0xa1b2c3d4), which every tool reads.
class PcapWriter {
 public:
  static void file_header(PcapngWriter::Buffer& out, LinkType link_type, std::uint32_t snaplen = 262144);
  static void packet(PcapngWriter::Buffer& out, const PacketView& packet);
};

}  // namespace wireglass
