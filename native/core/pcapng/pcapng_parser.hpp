#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "packet/interface_info.hpp"
#include "packet/link_type.hpp"
#include "packet/packet_view.hpp"
#include "pcapng/byte_order.hpp"
#include "pcapng/record_step.hpp"
#include "pcapng/timestamp_scale.hpp"

namespace wireglass {

/// PCAPNG (draft-ietf-opsawg-pcapng): blocks in sections, each section with its own byte order and
/// interfaces.
class PcapngParser {
 public:
  /// Interfaces of one file, over all its sections; one more is damage.
  static constexpr std::size_t kMaxInterfaces = 65'536;
  /// Longer interface names are cut.
  static constexpr std::size_t kMaxNameBytes = 256;

  /// `fallback_name` is the name of interfaces without if_name.
  explicit PcapngParser(std::string fallback_name) : fallback_name_(std::move(fallback_name)) {}

  /// Whether a file that begins with `magic` (4 bytes) is a PCAPNG.
  static bool knows(const std::byte* magic);

  /// The block at `window`. Interfaces it describes are appended to interfaces().
  RecordStep parse(std::span<const std::byte> window, PacketView& packet);

  const std::vector<InterfaceInfo>& interfaces() const { return interfaces_; }
  const std::string& damage() const { return damage_; }

 private:
  /// An interface of the section that is being read.
  struct SectionInterface {
    std::uint32_t interface_id;
    std::uint32_t snaplen;
    LinkType link_type;
    TimestampScale timestamps;
  };
  struct PacketFields {
    std::uint32_t section_interface;
    std::uint32_t captured_length;
    std::uint32_t original_length;
    const std::byte* data;
  };

  RecordStep parse_section_header(std::span<const std::byte> block);
  RecordStep parse_interface(std::span<const std::byte> block);
  RecordStep parse_timed_packet(std::span<const std::byte> block, std::uint32_t section_interface,
                                PacketView& packet);
  RecordStep parse_simple_packet(std::span<const std::byte> block, PacketView& packet);
  /// Reads if_name, if_tsresol and if_tsoffset; false where an option runs over the block's end.
  bool parse_interface_options(std::span<const std::byte> options, std::string& name,
                               TimestampScale& timestamps, std::size_t& failed_at) const;
  RecordStep damaged(std::size_t at, std::string expected);

  std::string fallback_name_;
  FileByteOrder order_;
  std::vector<SectionInterface> section_interfaces_;
  std::vector<InterfaceInfo> interfaces_;
  std::string damage_;
};

}  // namespace wireglass
