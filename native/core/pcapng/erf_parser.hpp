#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "packet/interface_info.hpp"
#include "packet/link_type.hpp"
#include "packet/packet_view.hpp"
#include "pcapng/record_step.hpp"

namespace wireglass {

/// Endace's Extensible Record Format: records of a header (a little-endian time stamp, all else big-endian),
/// extension headers and a frame, each of its own type. The file has no header, so only its first records
/// tell what it is.
class ErfParser {
 public:
  static constexpr std::size_t kHeaderBytes = 16;

  /// What the file's first bytes say of its format.
  struct Guess {
    enum class Verdict : std::uint8_t {
      kYes,
      kNo,
      kMore,  ///< tell again with `bytes` bytes, or the whole file if it is shorter
    };
    Verdict verdict;
    std::size_t bytes;
  };
  /// `is_whole`: `start` is all that the file has.
  static Guess guess(std::span<const std::byte> start, bool is_whole);

  /// Interfaces are called `interface_name`, all of them.
  explicit ErfParser(std::string interface_name) : interface_name_(std::move(interface_name)) {}

  /// One for each link type met so far.
  const std::vector<InterfaceInfo>& interfaces() const { return interfaces_; }
  const std::string& damage() const { return damage_; }

  RecordStep parse(std::span<const std::byte> window, PacketView& packet);

 private:
  std::uint32_t interface_of(LinkType link_type);

  std::string interface_name_;
  std::vector<InterfaceInfo> interfaces_;
  std::string damage_;
};

}  // namespace wireglass
