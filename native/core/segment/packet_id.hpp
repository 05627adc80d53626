#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wireglass {

/// Names one recorded packet for good: "1-<sensor, 8 hex digits>-<segment>-<ordinal>", safe in URLs and file
/// names.
struct PacketId {
  static constexpr std::uint32_t kVersion = 1;

  std::uint32_t sensor = 0;
  std::uint64_t segment = 0;  ///< sequence number of the segment, from 1
  std::uint32_t ordinal = 0;  ///< the packet's place in the segment, from 0

  std::string to_string() const;
  /// Empty when `text` is no packet id of this version.
  static std::optional<PacketId> parse(std::string_view text);
};

}  // namespace wireglass
