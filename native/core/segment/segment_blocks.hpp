#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/time.hpp"
#include "packet/interface_info.hpp"

namespace wireglass {

/// One PCAPNG block of a segment as it lies in memory; its two lengths agree.
struct SegmentBlock {
  /// No block of a segment is longer: the largest packet that a capture file may hold, and its head.
  static constexpr std::uint32_t kMaxBytes = (16u << 20) + 64;

  std::uint32_t type = 0;
  std::span<const std::byte> bytes;  ///< the whole block
};

/// A packet block of a segment, checked.
struct PacketBlock {
  std::uint32_t interface_index = 0;
  TimeNs timestamp_ns = 0;
  std::uint32_t original_length = 0;
  std::span<const std::byte> data;
  std::span<const std::byte> options;  ///< what stands between the data and the block's end
};

/// The length that the block at the front of `bytes` claims: 0 when that can be no block of a segment (too
/// short, too long, no multiple of 4); needs 8 bytes.
std::uint32_t claimed_block_bytes(std::span<const std::byte> bytes);

/// The block at the front of `bytes`; empty when it is not there as a whole or its lengths contradict each
/// other.
std::optional<SegmentBlock> parse_block(std::span<const std::byte> bytes);

/// Empty when the block is no packet block whose lengths fit.
std::optional<PacketBlock> parse_packet_block(const SegmentBlock& block);

/// Empty when the block is no interface description as segments have them (if_tsresol 9).
std::optional<InterfaceInfo> parse_interface_block(const SegmentBlock& block);

/// Whether the block is a section header of a little-endian PCAPNG section.
bool is_section_header(const SegmentBlock& block);

}  // namespace wireglass
