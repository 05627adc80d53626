#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "packet/packet_view.hpp"

namespace wireglass::testing {

/// Builds packets for tests and benchmarks from the inside out: each call puts a header in front of what is
/// there, with its length field right for it. What shall be wrong is patched in afterwards.
class PacketBuilder {
 public:
  explicit PacketBuilder(std::size_t payload_bytes = 0) : bytes_(payload_bytes) {}

  PacketBuilder& front(std::initializer_list<unsigned> octets) {
    std::vector<std::byte> header;
    for (const unsigned octet : octets) header.push_back(static_cast<std::byte>(octet));
    return front(std::span<const std::byte>(header));
  }
  PacketBuilder& front(std::span<const std::byte> header) {
    bytes_.insert(bytes_.begin(), header.begin(), header.end());
    return *this;
  }
  PacketBuilder& trailer(std::size_t size) {
    bytes_.resize(bytes_.size() + size);
    return *this;
  }

  PacketBuilder& tcp(unsigned src_port, unsigned dst_port, unsigned flags) {
    return front({src_port >> 8,
                  src_port & 255,
                  dst_port >> 8,
                  dst_port & 255,
                  0x11,
                  0x22,
                  0x33,
                  0x44,
                  0,
                  0,
                  0,
                  7,
                  0x50,
                  flags,
                  0x20,
                  0,
                  0xab,
                  0xcd,
                  0,
                  0});
  }
  PacketBuilder& udp(unsigned src_port, unsigned dst_port) {
    const unsigned length = size() + 8;
    return front({src_port >> 8, src_port & 255, dst_port >> 8, dst_port & 255, length >> 8 & 255,
                  length & 255, 0, 0});
  }
  /// 192.0.2.1 to 198.51.100.2; `fragment` is the field with flags and offset.
  PacketBuilder& ipv4(unsigned protocol, unsigned fragment = 0, unsigned option_bytes = 0) {
    const unsigned length = size() + 20 + option_bytes;
    front(std::vector<std::byte>(option_bytes, std::byte{1}));
    return front({0x45 + option_bytes / 4,
                  0,
                  length >> 8 & 255,
                  length & 255,
                  0xbe,
                  0xef,
                  fragment >> 8,
                  fragment & 255,
                  64,
                  protocol,
                  0,
                  0,
                  192,
                  0,
                  2,
                  1,
                  198,
                  51,
                  100,
                  2});
  }
  /// 2001:db8::1 to 2001:db8::2
  PacketBuilder& ipv6(unsigned next_header) {
    const unsigned length = size();
    return front({0x60,
                  0,
                  0,
                  0,
                  length >> 8 & 255,
                  length & 255,
                  next_header,
                  64,
                  0x20,
                  1,
                  0xd,
                  0xb8,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  1,
                  0x20,
                  1,
                  0xd,
                  0xb8,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  2});
  }
  /// An extension header of 8 octets and `more` times 8, zeros behind its length.
  PacketBuilder& extension(unsigned next_header, unsigned more = 0) {
    front(std::vector<std::byte>(6 + std::size_t{8} * more));
    return front({next_header, more});
  }
  PacketBuilder& ipv6_fragment(unsigned next_header, unsigned offset_and_flags) {
    return front({next_header, 0, offset_and_flags >> 8, offset_and_flags & 255, 0, 0, 0, 9});
  }
  PacketBuilder& authentication_header(unsigned next_header) {
    return front({next_header, 4, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  }
  PacketBuilder& vlan(unsigned id, unsigned ethertype) {
    return front({id >> 8, id & 255, ethertype >> 8, ethertype & 255});
  }
  PacketBuilder& llc_snap(unsigned ethertype) {
    return front({0xaa, 0xaa, 3, 0, 0, 0, ethertype >> 8, ethertype & 255});
  }
  PacketBuilder& ethernet(unsigned type_or_length) {
    return front({2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, type_or_length >> 8, type_or_length & 255});
  }

  PacketBuilder& set8(std::size_t offset, unsigned value) {
    bytes_.at(offset) = static_cast<std::byte>(value);
    return *this;
  }
  PacketBuilder& set16(std::size_t offset, unsigned value) {
    return set8(offset, value >> 8).set8(offset + 1, value & 255);
  }

  unsigned size() const { return static_cast<unsigned>(bytes_.size()); }
  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

/// The bytes as a packet, captured whole.
inline PacketView view_of(std::span<const std::byte> bytes, LinkType link_type = LinkType::kEthernet) {
  PacketView packet;
  packet.data = bytes.data();
  packet.captured_length = static_cast<std::uint32_t>(bytes.size());
  packet.original_length = packet.captured_length;
  packet.link_type = link_type;
  return packet;
}

}  // namespace wireglass::testing
