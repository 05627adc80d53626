#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace wireglass {

/// Numbers of the PCAPNG format (draft-ietf-opsawg-pcapng) that the project writes and finds again in its
/// segments.
struct PcapngFormat {
  static constexpr std::uint32_t kSectionHeader = 0x0A0D0D0A;  ///< section 4.1
  static constexpr std::uint32_t kInterfaceDescription = 1;    ///< section 4.2
  static constexpr std::uint32_t kInterfaceStatistics = 5;     ///< section 4.6
  static constexpr std::uint32_t kEnhancedPacket = 6;          ///< section 4.3
  static constexpr std::uint32_t kByteOrderMagic = 0x1A2B3C4D;

  static constexpr std::uint16_t kOptionEnd = 0;
  static constexpr std::uint16_t kSectionUserApplication = 4;
  static constexpr std::uint16_t kInterfaceName = 2;
  static constexpr std::uint16_t kInterfaceTimeResolution = 9;
  static constexpr std::uint16_t kStatisticsReceived = 4;
  static constexpr std::uint16_t kStatisticsDropped = 5;
  static constexpr std::uint16_t kStatisticsFilterAccepted = 6;

  static constexpr std::uint8_t kNanoseconds = 9;      ///< if_tsresol: 10^-9 s
  static constexpr std::uint32_t kBlockOverhead = 12;  ///< type and the length before and behind the body
  static constexpr std::uint32_t kEnhancedPacketHead =
      28;  ///< block head and fixed fields, up to the packet data

  /// Block bodies and options are padded to 32 bits.
  static constexpr std::uint32_t padded(std::uint32_t length) { return (length + 3) & ~3u; }
};

static_assert(std::endian::native == std::endian::little, "the copies below are for little-endian hosts");

/// Reads a little-endian number; the caller has checked that its bytes are there.
template <class Number>
Number load_little_endian(const std::byte* from) {
  static_assert(std::is_integral_v<Number>);
  Number value{};
  std::memcpy(&value, from, sizeof(value));
  return value;
}

/// Writes a little-endian number; the caller has checked that there is room.
template <class Number>
void store_little_endian(std::byte* into, Number value) {
  static_assert(std::is_integral_v<Number>);
  std::memcpy(into, &value, sizeof(value));
}

}  // namespace wireglass
