#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/result.hpp"
#include "packet/link_type.hpp"
#include "packet/packet_view.hpp"
#include "pcapng/record_step.hpp"

namespace wireglass {

/// Snoop version 2 (RFC 1761): a file header, then records of a fixed header, the packet's bytes and padding,
/// all of it big-endian.
class SnoopParser {
 public:
  static constexpr std::size_t kFileHeaderBytes = 16;

  /// Whether a file that begins with `magic` (4 bytes) may be a snoop capture.
  static bool knows(const std::byte* magic);
  /// From a file header of kFileHeaderBytes that knows() accepted. An error's message has no file name.
  static Result<SnoopParser> from_file_header(const std::byte* header);

  LinkType link_type() const { return link_type_; }
  static constexpr std::uint32_t snaplen() { return 0; }  // the format does not tell it
  const std::string& damage() const { return damage_; }

  RecordStep parse(std::span<const std::byte> window, PacketView& packet);

 private:
  RecordStep damaged(std::size_t at, std::string what);

  LinkType link_type_ = LinkType::kEthernet;
  std::string damage_;
};

}  // namespace wireglass
