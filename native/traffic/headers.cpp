#include "traffic/headers.hpp"

#include "traffic/wire.hpp"

namespace wireglass {
namespace {

constexpr std::uint16_t kEtherTypeIpv4 = 0x0800;
constexpr std::uint16_t kEtherTypeVlan = 0x8100;
constexpr std::uint16_t kEtherTypeIpv6 = 0x86dd;
constexpr std::uint16_t kIpv4DontFragment = 0x4000;

void put_mac(std::byte* at, std::uint64_t mac) {
  put16(at, static_cast<std::uint16_t>(mac >> 32));
  put32(at + 2, static_cast<std::uint32_t>(mac));
}

std::uint64_t address_sum(const IpAddress& address, bool ipv6) {
  const std::uint64_t low = (address.lo & 0xffff'ffffU);
  if (!ipv6) return low;
  return low + (address.lo >> 32) + (address.hi & 0xffff'ffffU) + (address.hi >> 32);
}

}  // namespace

std::uint32_t put_ethernet(std::byte* at, const EthernetFields& fields) {
  put_mac(at, fields.dst_mac);
  put_mac(at + 6, fields.src_mac);
  std::uint32_t offset = 12;
  if (fields.vlan_id != 0) {
    put16(at + offset, kEtherTypeVlan);
    put16(at + offset + 2, fields.vlan_id);
    offset += kVlanTagBytes;
  }
  put16(at + offset, fields.ipv6 ? kEtherTypeIpv6 : kEtherTypeIpv4);
  return offset + 2;
}

std::uint32_t put_ip(std::byte* at, const IpFields& fields) {
  if (fields.ipv6) {
    put32(at, 6U << 28 | static_cast<std::uint32_t>(fields.traffic_class) << 20 | fields.flow_label);
    put16(at + 4, static_cast<std::uint16_t>(fields.payload_length));
    put8(at + 6, fields.protocol);
    put8(at + 7, fields.ttl);
    put64(at + 8, fields.src.hi);
    put64(at + 16, fields.src.lo);
    put64(at + 24, fields.dst.hi);
    put64(at + 32, fields.dst.lo);
    return kIpv6HeaderBytes;
  }
  put8(at, 0x45);
  put8(at + 1, fields.traffic_class);
  put16(at + 2, static_cast<std::uint16_t>(kIpv4HeaderBytes + fields.payload_length));
  put16(at + 4, fields.identification);
  put16(at + 6, kIpv4DontFragment);
  put8(at + 8, fields.ttl);
  put8(at + 9, fields.protocol);
  put16(at + 10, 0);
  put32(at + 12, static_cast<std::uint32_t>(fields.src.lo));
  put32(at + 16, static_cast<std::uint32_t>(fields.dst.lo));
  put16(at + 10, checksum_of(word_sum(at, kIpv4HeaderBytes)));
  return kIpv4HeaderBytes;
}

std::uint64_t pseudo_header_sum(const IpFields& fields) {
  return address_sum(fields.src, fields.ipv6) + address_sum(fields.dst, fields.ipv6) + fields.protocol +
         fields.payload_length;
}

std::uint32_t put_tcp(std::byte* at, const TcpFields& fields, std::uint64_t pseudo_sum,
                      std::uint64_t payload_sum) {
  const auto header_bytes = static_cast<std::uint32_t>(kTcpHeaderBytes + fields.options.size());
  put16(at, fields.src_port);
  put16(at + 2, fields.dst_port);
  put32(at + 4, fields.seq);
  put32(at + 8, fields.ack);
  put8(at + 12, static_cast<std::uint8_t>(header_bytes / 4 << 4));
  put8(at + 13, fields.flags);
  put16(at + 14, fields.window);
  put32(at + 16, 0);
  if (!fields.options.empty())
    std::memcpy(at + kTcpHeaderBytes, fields.options.data(), fields.options.size());
  put16(at + 16, checksum_of(pseudo_sum + word_sum(at, header_bytes) + payload_sum));
  return header_bytes;
}

std::uint32_t put_udp(std::byte* at, std::uint16_t src_port, std::uint16_t dst_port,
                      std::uint32_t payload_length, std::uint64_t pseudo_sum, std::uint64_t payload_sum) {
  put16(at, src_port);
  put16(at + 2, dst_port);
  put16(at + 4, static_cast<std::uint16_t>(kUdpHeaderBytes + payload_length));
  put16(at + 6, 0);
  const std::uint16_t checksum = checksum_of(pseudo_sum + word_sum(at, kUdpHeaderBytes) + payload_sum);
  // RFC 768: a computed zero goes out as all ones, because zero says that there is no checksum.
  put16(at + 6, checksum == 0 ? 0xffff : checksum);
  return kUdpHeaderBytes;
}

std::uint32_t put_icmp_echo(std::byte* at, const IcmpEchoFields& fields, std::uint64_t pseudo_sum,
                            std::uint64_t payload_sum) {
  constexpr std::uint8_t kEchoRequest = 8;
  constexpr std::uint8_t kEchoReply = 0;
  constexpr std::uint8_t kEchoRequestV6 = 128;
  constexpr std::uint8_t kEchoReplyV6 = 129;
  if (fields.ipv6) {
    put8(at, fields.reply ? kEchoReplyV6 : kEchoRequestV6);
  } else {
    put8(at, fields.reply ? kEchoReply : kEchoRequest);
  }
  put8(at + 1, 0);
  put16(at + 2, 0);
  put16(at + 4, fields.identifier);
  put16(at + 6, fields.sequence);
  const std::uint64_t sum = word_sum(at, kIcmpEchoHeaderBytes) + payload_sum;
  put16(at + 2, checksum_of(fields.ipv6 ? sum + pseudo_sum : sum));
  return kIcmpEchoHeaderBytes;
}

}  // namespace wireglass
