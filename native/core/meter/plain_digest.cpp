#include "meter/plain_digest.hpp"

#include <algorithm>
#include <cstring>

#include "decode/cursor.hpp"
#include "meter/endpoints.hpp"
#include "meter/ip_protocol.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kEthernetBytes = 14;
constexpr std::uint32_t kVlanBytes = 4;
constexpr std::uint32_t kIpv4Bytes = 20;
constexpr std::uint32_t kIpv6Bytes = 40;
constexpr std::uint32_t kTcpBytes = 20;
constexpr std::uint32_t kUdpBytes = 8;
constexpr std::uint16_t kEthertypeIpv4 = 0x0800;
constexpr std::uint16_t kEthertypeIpv6 = 0x86dd;
constexpr std::uint16_t kEthertypeVlan = 0x8100;
constexpr std::uint8_t kVersion4NoOptions = 0x45;
constexpr std::uint16_t kFragmentBits = 0x3fff;  // more fragments and the offset (RFC 791 section 3.1)
constexpr std::uint16_t kVlanIdMask = 0x0fff;

/// A digest that another worker has read lies in that one's cache: fetched so many packets before it is
/// written again.
constexpr std::size_t kDigestsAhead = 16;

void prefetch_for_write(const PacketDigest& digest) {
  __builtin_prefetch(&digest, 1);
  __builtin_prefetch(static_cast<const void*>(&digest.frame), 1);
}

/// Word by word, out of registers: as a whole the words would go through memory, in other pieces than they
/// are read back.
inline void set_words(FlowKey& key, const FlowKey::Words& words) {
  auto* const bytes = reinterpret_cast<std::byte*>(&key);
  std::memcpy(bytes, &words[0], 8);
  std::memcpy(bytes + 8, &words[1], 8);
  std::memcpy(bytes + 16, &words[2], 8);
  std::memcpy(bytes + 24, &words[3], 8);
  std::memcpy(bytes + 32, &words[4], 8);
  std::memcpy(bytes + 40, &words[5], 8);
}

/// What the key and the digest need of an IP header without options or extension headers.
struct PlainIpv4 {
  static constexpr std::uint32_t kHeaderBytes = kIpv4Bytes;

  explicit PlainIpv4(const std::byte* data) : header(data) {}
  HeaderBytes<kIpv4Bytes> header;

  bool is_plain() const {
    return header.u8<0>() == kVersion4NoOptions && (header.u16<6>() & kFragmentBits) == 0;
  }
  std::uint32_t ip_bytes() const { return header.u16<2>(); }
  std::uint8_t protocol() const { return header.u8<9>(); }
  std::uint8_t ttl() const { return header.u8<8>(); }
  std::uint8_t dscp() const { return header.u8<1>() >> 2; }

  /// The first four words of the key, and whether the source is endpoint b: (address, port) pairs compare as
  /// one number.
  std::uint64_t endpoints(std::uint64_t src_port, std::uint64_t dst_port, FlowKey::Words& words) const {
    const std::uint64_t src = std::uint64_t{header.u32<12>()} << 16 | src_port;
    const std::uint64_t dst = std::uint64_t{header.u32<16>()} << 16 | dst_port;
    const auto from_b = static_cast<std::uint64_t>(src > dst);
    const std::uint64_t swapped = (src ^ dst) & (std::uint64_t{0} - from_b);
    const std::uint64_t lower = src ^ swapped;
    const std::uint64_t upper = dst ^ swapped;
    words[0] = 0;
    words[1] = IpAddress::kMappedPrefix | lower >> 16;
    words[2] = 0;
    words[3] = IpAddress::kMappedPrefix | upper >> 16;
    words[4] = (lower & 0xffff) | (upper & 0xffff) << 16;
    return from_b;
  }
};

struct PlainIpv6 {
  static constexpr std::uint32_t kHeaderBytes = kIpv6Bytes;

  explicit PlainIpv6(const std::byte* data) : header(data), bytes(data) {}
  HeaderBytes<kIpv6Bytes> header;
  const std::byte* bytes;

  bool is_plain() const { return header.u8<0>() >> 4 == 6 && header.u16<4>() != 0; }
  std::uint32_t ip_bytes() const { return kIpv6Bytes + header.u16<4>(); }
  std::uint8_t protocol() const { return header.u8<6>(); }
  std::uint8_t ttl() const { return header.u8<7>(); }
  std::uint8_t dscp() const { return header.u16<0>() >> 6 & 0x3f; }

  std::uint64_t endpoints(std::uint64_t src_port, std::uint64_t dst_port, FlowKey::Words& words) const {
    __extension__ using Wide = unsigned __int128;
    const IpAddress src = IpAddress::from_ipv6(bytes + 8);
    const IpAddress dst = IpAddress::from_ipv6(bytes + 24);
    const Wide src_wide = Wide{src.hi} << 64 | src.lo;
    const Wide dst_wide = Wide{dst.hi} << 64 | dst.lo;
    const auto from_b =
        static_cast<std::uint64_t>(src_wide > dst_wide) |
        (static_cast<std::uint64_t>(src_wide == dst_wide) & static_cast<std::uint64_t>(src_port > dst_port));
    const std::uint64_t swapped = std::uint64_t{0} - from_b;
    const std::uint64_t hi = (src.hi ^ dst.hi) & swapped;
    const std::uint64_t lo = (src.lo ^ dst.lo) & swapped;
    const std::uint64_t port = (src_port ^ dst_port) & swapped;
    words[0] = src.hi ^ hi;
    words[1] = src.lo ^ lo;
    words[2] = dst.hi ^ hi;
    words[3] = dst.lo ^ lo;
    words[4] = (src_port ^ port) | (dst_port ^ port) << 16;
    return from_b;
  }
};

/// Octets of the TCP header; 0 where its data offset contradicts the packet.
inline std::uint32_t fill_tcp(const std::byte* transport, std::uint32_t segment_bytes, PacketDigest& digest) {
  const HeaderBytes<kTcpBytes> header(transport);
  const std::uint32_t header_bytes = (header.u8<12>() >> 4) * 4U;
  digest.tcp_sequence = header.u32<4>();
  digest.tcp_acknowledgment = header.u32<8>();
  digest.tcp_window = header.u16<14>();
  digest.tcp_flags = header.u8<13>();
  digest.has_tcp = true;
  digest.payload_bytes = segment_bytes - header_bytes;
  return header_bytes >= kTcpBytes && header_bytes <= segment_bytes ? header_bytes : 0;
}

/// Octets of the UDP header; 0 where its length contradicts the packet or a port may be a tunnel's.
inline std::uint32_t fill_udp(const std::byte* transport, std::uint32_t datagram_bytes,
                              const UdpPortTable& udp_ports, PacketDigest& digest) {
  const HeaderBytes<kUdpBytes> header(transport);
  const std::uint16_t length = header.u16<4>();
  digest.tcp_flags = 0;
  digest.has_tcp = false;
  digest.payload_bytes = std::min<std::uint32_t>(length, datagram_bytes) - kUdpBytes;
  const bool is_plain =
      length >= kUdpBytes && udp_ports.find(header.u16<0>(), header.u16<2>()) == ProtocolId::kEnd;
  return is_plain ? kUdpBytes : 0;
}

/// The packet from its IP header at `offset` on. The key is put together as words and hashed in registers,
/// since its parts would be read back before they are in memory, and without a branch on who is lower, which
/// nobody could predict.
template <class PlainIp, std::uint32_t offset>
[[gnu::always_inline]] inline bool digest_ip(const PacketView& packet, std::uint64_t vlan_id,
                                             const UdpPortTable& udp_ports, const FlowHash& hash,
                                             PacketDigest& digest) {
  const PlainIp ip(packet.data + offset);
  const std::uint8_t protocol = ip.protocol();
  const bool is_tcp = protocol == ip_protocol::kTcp;
  const std::uint32_t ip_bytes = ip.ip_bytes();
  const std::uint32_t wire_bytes = std::max(packet.original_length, packet.captured_length);
  const bool is_plain = ip.is_plain() && (is_tcp || protocol == ip_protocol::kUdp) &&
                        ip_bytes <= wire_bytes - offset &&
                        ip_bytes >= PlainIp::kHeaderBytes + (is_tcp ? kTcpBytes : kUdpBytes);
  if (!is_plain) return false;

  const std::uint32_t transport = offset + PlainIp::kHeaderBytes;
  const std::byte* const transport_header = packet.data + transport;
  const std::uint32_t transport_bytes = ip_bytes - PlainIp::kHeaderBytes;
  const std::uint32_t transport_header_bytes =
      is_tcp ? fill_tcp(transport_header, transport_bytes, digest)
             : fill_udp(transport_header, transport_bytes, udp_ports, digest);
  if (transport_header_bytes == 0) return false;

  const std::uint32_t ports = HeaderBytes<4>(transport_header).u32<0>();
  FlowKey::Words words;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  digest.from_b = ip.endpoints(ports >> 16, ports & 0xffff, words) != 0;
  words[5] = vlan_id | std::uint64_t{protocol} << 48;
  set_words(digest.key, words);
  digest.hash = hash.of_words(words);
  digest.ip_bytes = ip_bytes;
  digest.ttl = ip.ttl();
  digest.dscp = ip.dscp();
  set_payload(digest, packet, transport + transport_header_bytes);
  return true;
}
static_assert(offsetof(FlowKey, port_a) == 32 && offsetof(FlowKey, tenant_id) == 36 &&
              offsetof(FlowKey, protocol) == 46);

/// The packet from its IP header on, which lies behind the Ethernet header and at most one tag.
template <std::uint32_t offset>
[[gnu::always_inline]] inline bool digest_ethertype(const PacketView& packet, std::uint16_t ethertype,
                                                    std::uint64_t vlan_id, const UdpPortTable& udp_ports,
                                                    const FlowHash& hash, PacketDigest& digest) {
  digest.frame = packet.data;
  digest.timestamp_ns = packet.timestamp_ns;
  digest.interface_id = static_cast<std::uint16_t>(packet.interface_id);
  digest.ethernet_offset = 0;
  if (ethertype == kEthertypeIpv4)
    return digest_ip<PlainIpv4, offset>(packet, vlan_id, udp_ports, hash, digest);
  return ethertype == kEthertypeIpv6 && packet.captured_length >= offset + kIpv6Bytes + kTcpBytes &&
         digest_ip<PlainIpv6, offset>(packet, vlan_id, udp_ports, hash, digest);
}

[[gnu::always_inline]] inline bool digest_packet(const PacketView& packet, const UdpPortTable& udp_ports,
                                                 const FlowHash& hash, PacketDigest& digest) {
  // Room for the longest IPv4 headers, so that the reads below need no further checks.
  if (packet.captured_length < kEthernetBytes + kVlanBytes + kIpv4Bytes + kTcpBytes ||
      packet.link_type != LinkType::kEthernet) {
    return false;
  }
  const std::uint16_t ethertype = HeaderBytes<kEthernetBytes>(packet.data).u16<12>();
  if (ethertype != kEthertypeVlan)
    return digest_ethertype<kEthernetBytes>(packet, ethertype, 0, udp_ports, hash, digest);
  const HeaderBytes<kVlanBytes> tag(packet.data + kEthernetBytes);
  return digest_ethertype<kEthernetBytes + kVlanBytes>(packet, tag.u16<2>(), tag.u16<0>() & kVlanIdMask,
                                                       udp_ports, hash, digest);
}

}  // namespace

void make_plain_digests(std::span<const PacketView> packets, const UdpPortTable& udp_ports,
                        const FlowHash& hash, std::uint32_t segment, std::span<PacketDigest> digests,
                        std::span<bool> is_plain) {
  for (std::size_t number = 0; number < packets.size(); ++number) {
    if (number + kDigestsAhead < packets.size()) prefetch_for_write(digests[number + kDigestsAhead]);
    digests[number].segment = segment;
    is_plain[number] = digest_packet(packets[number], udp_ports, hash, digests[number]);
  }
}

}  // namespace wireglass
