#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "packet/ip_address.hpp"

namespace wireglass {

inline constexpr std::uint32_t kEthernetHeaderBytes = 14;
inline constexpr std::uint32_t kVlanTagBytes = 4;
inline constexpr std::uint32_t kIpv4HeaderBytes = 20;
inline constexpr std::uint32_t kIpv6HeaderBytes = 40;
inline constexpr std::uint32_t kTcpHeaderBytes = 20;
inline constexpr std::uint32_t kUdpHeaderBytes = 8;
inline constexpr std::uint32_t kIcmpEchoHeaderBytes = 8;
/// Shortest frame without its frame check sequence (IEEE 802.3 section 3.2.8).
inline constexpr std::uint32_t kMinFrameBytes = 60;

inline constexpr std::uint8_t kProtocolIcmp = 1;
inline constexpr std::uint8_t kProtocolTcp = 6;
inline constexpr std::uint8_t kProtocolUdp = 17;
inline constexpr std::uint8_t kProtocolIcmpv6 = 58;

inline constexpr std::uint8_t kTcpFin = 0x01;
inline constexpr std::uint8_t kTcpSyn = 0x02;
inline constexpr std::uint8_t kTcpRst = 0x04;
inline constexpr std::uint8_t kTcpPsh = 0x08;
inline constexpr std::uint8_t kTcpAck = 0x10;

// The writers below put one header at `at` and return its length. The caller keeps enough room there.

struct EthernetFields {
  std::uint64_t dst_mac = 0;
  std::uint64_t src_mac = 0;
  std::uint16_t vlan_id = 0;  ///< 0: no tag
  bool ipv6 = false;
};
std::uint32_t put_ethernet(std::byte* at, const EthernetFields& fields);

struct IpFields {
  bool ipv6 = false;
  IpAddress src;
  IpAddress dst;
  std::uint8_t protocol = 0;
  std::uint8_t ttl = 64;
  std::uint8_t traffic_class = 0;
  std::uint16_t identification = 0;  ///< IPv4
  std::uint32_t flow_label = 0;      ///< IPv6, 20 bits
  std::uint32_t payload_length = 0;  ///< bytes behind this header

  std::uint32_t header_bytes() const { return ipv6 ? kIpv6HeaderBytes : kIpv4HeaderBytes; }
  std::uint32_t packet_bytes() const { return header_bytes() + payload_length; }
};
/// IPv4 (RFC 791, "don't fragment" set) or IPv6 (RFC 8200).
std::uint32_t put_ip(std::byte* at, const IpFields& fields);

/// Sum over the pseudo-header (RFC 9293 section 3.1, RFC 8200 section 8.1), to be handed to the writers
/// below.
std::uint64_t pseudo_header_sum(const IpFields& fields);

struct TcpFields {
  std::uint16_t src_port = 0;
  std::uint16_t dst_port = 0;
  std::uint32_t seq = 0;
  std::uint32_t ack = 0;
  std::uint8_t flags = 0;
  std::uint16_t window = 64240;
  std::span<const std::byte> options;  ///< a multiple of 4 bytes, at most 40
};
/// TCP (RFC 9293). `payload_sum` is word_sum() of the payload.
std::uint32_t put_tcp(std::byte* at, const TcpFields& fields, std::uint64_t pseudo_sum,
                      std::uint64_t payload_sum);

/// UDP (RFC 768) with its checksum.
std::uint32_t put_udp(std::byte* at, std::uint16_t src_port, std::uint16_t dst_port,
                      std::uint32_t payload_length, std::uint64_t pseudo_sum, std::uint64_t payload_sum);

struct IcmpEchoFields {
  bool ipv6 = false;
  bool reply = false;
  std::uint16_t identifier = 0;
  std::uint16_t sequence = 0;
};
/// ICMP echo (RFC 792) or ICMPv6 echo (RFC 4443 section 4), whose checksum takes the pseudo-header in.
std::uint32_t put_icmp_echo(std::byte* at, const IcmpEchoFields& fields, std::uint64_t pseudo_sum,
                            std::uint64_t payload_sum);

/// An address from its four IPv4 bytes in host order.
constexpr IpAddress ipv4_address(std::uint32_t bits) { return {0, IpAddress::kMappedPrefix | bits}; }

}  // namespace wireglass
