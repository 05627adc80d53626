#include "bench/five_tuple.hpp"

#include <bit>
#include <cstring>

namespace wireglass::bench {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::size_t kEthertypeOffset = 12;
constexpr std::size_t kVlanTagBytes = 4;
constexpr std::size_t kIpv4MinBytes = 20;
constexpr std::size_t kIpv6Bytes = 40;
constexpr std::size_t kPortsBytes = 4;
constexpr int kMaxExtensionHeaders = 8;

template <class Word>
Word load(const std::byte* at) {
  Word word;
  std::memcpy(&word, at, sizeof(word));
  return word;
}
std::uint32_t load_u16(const std::byte* at) { return __builtin_bswap16(load<std::uint16_t>(at)); }
std::uint32_t load_u8(const std::byte* at) { return std::to_integer<std::uint32_t>(*at); }

bool has_ports(std::uint32_t protocol) { return protocol == 6 || protocol == 17; }

void set_ports(std::span<const std::byte> frame, std::size_t at, std::uint32_t protocol, std::uint64_t family,
               FiveTuple& key) {
  std::uint64_t word = family | static_cast<std::uint64_t>(protocol) << 32;
  if (has_ports(protocol) && at + kPortsBytes <= frame.size()) word |= load<std::uint32_t>(&frame[at]);
  key.ports_protocol = word;
}

std::uint32_t read_ipv4(std::span<const std::byte> frame, std::size_t at, FiveTuple& key) {
  if (at + kIpv4MinBytes > frame.size()) return 0;
  const std::byte* header = &frame[at];
  const std::size_t header_bytes = (load_u8(header) & 15U) * 4;
  const bool later_fragment = (load_u16(header + 6) & 0x1fffU) != 0;
  key.src_high = 0;
  key.src_low = load<std::uint32_t>(header + 12);
  key.dst_high = 0;
  key.dst_low = load<std::uint32_t>(header + 16);
  set_ports(frame, later_fragment ? frame.size() : at + header_bytes, load_u8(header + 9), 1ULL << 63, key);
  return load_u16(header + 2);
}

/// Steps over extension headers (RFC 8200 section 4) to the upper-layer header.
std::uint32_t skip_extensions(std::span<const std::byte> frame, std::size_t& at, std::uint32_t next) {
  for (int count = 0; count < kMaxExtensionHeaders && at + 8 <= frame.size(); ++count) {
    if (next == 44) {  // fragment
      const bool later = (load_u16(&frame[at + 2]) & 0xfff8U) != 0;
      next = load_u8(&frame[at]);
      at = later ? frame.size() : at + 8;
    } else if (next == 0 || next == 43 || next == 60) {  // hop-by-hop, routing, destination options
      next = load_u8(&frame[at]);
      at += (load_u8(&frame[at + 1]) + 1) * 8;
    } else {
      break;
    }
  }
  return next;
}

std::uint32_t read_ipv6(std::span<const std::byte> frame, std::size_t at, FiveTuple& key) {
  if (at + kIpv6Bytes > frame.size()) return 0;
  const std::byte* header = &frame[at];
  key.src_high = load<std::uint64_t>(header + 8);
  key.src_low = load<std::uint64_t>(header + 16);
  key.dst_high = load<std::uint64_t>(header + 24);
  key.dst_low = load<std::uint64_t>(header + 32);
  std::size_t upper = at + kIpv6Bytes;
  std::uint32_t protocol = load_u8(header + 6);
  if (!has_ports(protocol)) protocol = skip_extensions(frame, upper, protocol);
  set_ports(frame, upper, protocol, 1ULL << 62, key);
  return load_u16(header + 4) + kIpv6Bytes;
}

}  // namespace

std::uint32_t read_five_tuple(std::span<const std::byte> frame, FiveTuple& key) {
  std::size_t at = kEthertypeOffset;
  while (at + 2 <= frame.size()) {
    switch (load_u16(&frame[at])) {
      case 0x0800:
        return read_ipv4(frame, at + 2, key);
      case 0x86dd:
        return read_ipv6(frame, at + 2, key);
      case 0x8100:
      case 0x88a8:
        at += kVlanTagBytes;
        break;
      default:
        return 0;
    }
  }
  return 0;
}

}  // namespace wireglass::bench
