#pragma once

#include <arpa/inet.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

namespace wireglass::testing {

/// Packets by their addresses and ports, which is what flow keys are made of.
using PacketBytes = std::vector<std::byte>;

inline PacketBytes bytes_of(std::initializer_list<unsigned> values) {
  PacketBytes bytes;
  for (const unsigned value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

inline PacketBytes operator+(PacketBytes left, const PacketBytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

inline PacketBytes u16(std::size_t value) {
  return bytes_of({static_cast<unsigned>(value >> 8 & 0xff), static_cast<unsigned>(value & 0xff)});
}

inline PacketBytes udp_header(std::uint16_t src_port, std::uint16_t dst_port,
                              const PacketBytes& payload = {}) {
  return u16(src_port) + u16(dst_port) + u16(8 + payload.size()) + u16(0) + payload;
}

inline PacketBytes tcp_header(std::uint16_t src_port, std::uint16_t dst_port, std::uint8_t flags) {
  return u16(src_port) + u16(dst_port) + bytes_of({0, 0, 0, 1, 0, 0, 0, 2, 0x50, flags, 0x10, 0, 0, 0, 0, 0});
}

/// A common header and a verification tag (RFC 9260 section 3.1), no chunk.
inline PacketBytes sctp_header(std::uint16_t src_port, std::uint16_t dst_port) {
  return u16(src_port) + u16(dst_port) + bytes_of({0, 0, 0, 1, 0, 0, 0, 0});
}

inline PacketBytes ipv4_packet(const std::array<unsigned, 4>& src, const std::array<unsigned, 4>& dst,
                               std::uint8_t protocol, const PacketBytes& payload) {
  return bytes_of({0x45, 0}) + u16(20 + payload.size()) + bytes_of({0, 7, 0, 0, 64, protocol, 0, 0}) +
         bytes_of({src[0], src[1], src[2], src[3], dst[0], dst[1], dst[2], dst[3]}) + payload;
}

inline PacketBytes ipv6_packet(const char* src, const char* dst, std::uint8_t next_header,
                               const PacketBytes& payload) {
  PacketBytes addresses(32);
  inet_pton(AF_INET6, src, addresses.data());
  inet_pton(AF_INET6, dst, addresses.data() + 16);
  return bytes_of({0x60, 0, 0, 0}) + u16(payload.size()) + bytes_of({next_header, 64}) + addresses + payload;
}

/// UDP to the LISP data port with instance ID (RFC 9300 section 5.1, I bit).
inline PacketBytes lisp_data(std::uint32_t instance_id, const PacketBytes& inner) {
  const PacketBytes header =
      bytes_of({0x08, 0, 0, 0, instance_id >> 16 & 0xff, instance_id >> 8 & 0xff, instance_id & 0xff, 0});
  return udp_header(61'000, 4'341, header + inner);
}

/// IPv4 in Ethernet, behind these VLAN tags.
inline PacketBytes ethernet_frame(const std::vector<std::uint16_t>& vlan_ids, const PacketBytes& ip) {
  PacketBytes frame = bytes_of({2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2});
  for (const std::uint16_t vlan_id : vlan_ids) frame = frame + u16(0x8100) + u16(vlan_id);
  return frame + u16(0x0800) + ip;
}

}  // namespace wireglass::testing
