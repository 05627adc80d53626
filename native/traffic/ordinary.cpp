#include "traffic/ordinary.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>

#include "traffic/ordinary_schedule.hpp"
#include "traffic/random.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kSmallFrameBytes = 64;
constexpr std::uint32_t kMediumFrameBytes = 570;
constexpr std::uint32_t kLargeFrameBytes = 1514;
constexpr std::uint32_t kMaxFixedFrameBytes = 65535;
constexpr std::uint32_t kConnectionsPerClient = 50;
constexpr std::uint32_t kConnectionsPerServer = 100;
constexpr std::uint32_t kMinHosts = 16;
constexpr std::uint32_t kFirstPort = 1024;
constexpr std::uint32_t kPorts = 65536 - kFirstPort;
/// Has no factor in common with kPorts, so that stepping by it visits every port once.
constexpr std::uint32_t kPortStep = 40'507;
constexpr std::uint32_t kMaxServers = 131'000;  ///< within 198.18.0.0/15 (RFC 2544)
constexpr std::uint16_t kFirstVlan = 100;
constexpr std::uint32_t kVlans = 16;
constexpr std::uint64_t kClientPrefix = 0x2001'0db8'0001'0000;  ///< RFC 3849
constexpr std::uint64_t kServerPrefix = 0x2001'0db8'0002'0000;
constexpr std::uint64_t kClientMac = 0x0200'0a00'0001;
constexpr std::uint64_t kServerMac = 0x0200'c612'0001;
constexpr std::size_t kPrefetchAhead = 12;

constexpr std::array<std::uint16_t, 16> kTcpServices = {443, 443, 443, 443, 443,  443,  80,   80,
                                                        22,  25,  53,  993, 3306, 5432, 6379, 8443};
constexpr std::array<std::uint16_t, 4> kUdpServices = {53, 53, 443, 443};

/// Hosts dealt over the first sixteen /16 of 10.0.0.0/8, and over further ones where those are full;
/// different for every index below 2^24.
std::uint32_t client_bits(std::uint32_t index) {
  const std::uint32_t site = index % 16;
  const std::uint32_t host = index / 16;
  return 10U << 24 | ((host >> 16 & 15U) * 16 + site) << 16 | (host & 0xffffU);
}

bool is_echo(std::uint8_t protocol) { return protocol == kProtocolIcmp || protocol == kProtocolIcmpv6; }

Error bad_sizes(const std::string& text) {
  return {"bad_traffic_profile", "sizes is \"" + text +
                                     "\"; expected small, imix, large or fixed:LEN with LEN from 64 to " +
                                     std::to_string(kMaxFixedFrameBytes)};
}

}  // namespace

Result<FrameSizes> FrameSizes::parse(const std::string& text) {
  constexpr std::string_view kFixedPrefix = "fixed:";
  if (text == "imix") return FrameSizes{Kind::kImix, 0};
  if (text == "small") return FrameSizes{Kind::kFixed, kSmallFrameBytes};
  if (text == "large") return FrameSizes{Kind::kFixed, kLargeFrameBytes};
  if (text.rfind(kFixedPrefix, 0) != 0) return bad_sizes(text);
  std::uint32_t bytes = 0;
  const char* end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data() + kFixedPrefix.size(), end, bytes);
  if (status != std::errc{} || rest != end || bytes < kSmallFrameBytes || bytes > kMaxFixedFrameBytes) {
    return bad_sizes(text);
  }
  return FrameSizes{Kind::kFixed, bytes};
}

OrdinaryGenerator::OrdinaryGenerator(const TrafficProfile& profile, FrameSizes sizes)
    : profile_(profile), sizes_(sizes), payload_(profile.seed) {
  const std::uint32_t least = profile.bidirectional ? 2 : 1;
  const auto count = static_cast<std::uint32_t>(profile.flows / least);
  client_count_ = std::max(kMinHosts, count / kConnectionsPerClient);
  server_count_ = std::min(kMinHosts + count / kConnectionsPerServer, kMaxServers);
  const auto sizes_by_rank = connection_sizes(profile.packets, count, least, profile.zipf);
  order_ = profile.all_live ? all_live_packet_order(sizes_by_rank, profile.seed)
                            : packet_order(sizes_by_rank, profile.packets, profile.seed);
  connections_.resize(count);
  for (std::uint32_t index = 0; index < count; ++index) connections_[index].size = sizes_by_rank[index];
}

OrdinaryGenerator::Traits OrdinaryGenerator::traits_of(std::uint32_t index) const {
  Traits traits;
  traits.hash = mix_bits(mix_bits(profile_.seed) + (index + 1) * 0x9e3779b97f4a7c15U);
  const std::uint64_t hash = traits.hash;
  traits.ipv6 = (hash & 0xffff) % 100 < profile_.ipv6_percent;
  if ((hash >> 16 & 0xffff) % 100 < profile_.vlan_percent) {
    traits.vlan_id = static_cast<std::uint16_t>(kFirstVlan + (hash >> 60) % kVlans);
  }
  const std::uint64_t dice = (hash >> 32 & 0xffff) % 100;
  if (profile_.syn_only || dice < profile_.tcp_percent) {
    traits.protocol = kProtocolTcp;
    traits.server_port = kTcpServices[hash >> 48 & 15];
  } else if (dice < profile_.tcp_percent + profile_.udp_percent) {
    traits.protocol = kProtocolUdp;
    traits.server_port = kUdpServices[hash >> 48 & 3];
  } else {
    traits.protocol = traits.ipv6 ? kProtocolIcmpv6 : kProtocolIcmp;
  }
  // Client and visit number are unique together, and both ends of a key follow from them: see server_of() for
  // ICMP.
  const std::uint32_t client = index % client_count_;
  const std::uint32_t visit = index / client_count_;
  traits.client_port = static_cast<std::uint16_t>(kFirstPort + (client * 7 + visit * kPortStep) % kPorts);
  traits.client = ipv4_address(client_bits(client));
  traits.server = server_of(mix_bits(hash), visit, traits.protocol);
  if (traits.ipv6) {
    traits.client = {kClientPrefix, traits.client.lo & 0xffff'ffffU};
    traits.server = {kServerPrefix, traits.server.lo & 0xffff'ffffU};
  }
  return traits;
}

IpAddress OrdinaryGenerator::server_of(std::uint64_t hash, std::uint32_t visit, std::uint8_t protocol) const {
  // An echo has no ports that tell connections apart, so each visit of a client goes to a host of its own.
  if (is_echo(protocol)) return ipv4_address((100U << 24 | 64U << 16) + visit + 1);
  return ipv4_address((198U << 24 | 18U << 16) + static_cast<std::uint32_t>(hash % server_count_) + 1);
}

std::uint16_t OrdinaryGenerator::echo_of(const Connection& connection) const {
  return static_cast<std::uint16_t>(profile_.bidirectional ? connection.made / 2 : connection.made);
}

OrdinaryGenerator::Role OrdinaryGenerator::role_of(const Connection& connection, std::uint8_t protocol,
                                                   std::uint64_t random) const {
  constexpr std::uint64_t kReversePercent = 60;
  const std::uint32_t position = connection.made;
  const std::uint32_t size = profile_.all_live ? std::numeric_limits<std::uint32_t>::max() : connection.size;
  const std::uint32_t left = size - position;
  Role role;
  if (is_echo(protocol)) {
    role.reverse = profile_.bidirectional && position % 2 == 1;
    return role;
  }
  if (profile_.bidirectional && position > 0) {
    role.reverse = position == 1;
    if (position >= 2 && left == 1) role.reverse = size > 3;
    if (position >= 3 && left >= 3) role.reverse = (random & 0xffff) % 100 < kReversePercent;
  }
  if (protocol != kProtocolTcp) return role;
  role.control = true;
  if (position == 0 || profile_.syn_only) {
    role.tcp_flags = kTcpSyn;
  } else if (profile_.bidirectional && position == 1) {
    role.tcp_flags = size == 2 ? kTcpRst | kTcpAck : kTcpSyn | kTcpAck;
  } else if (profile_.bidirectional && size == 3) {
    role.tcp_flags = kTcpRst | kTcpAck;
  } else if (left == 1 || (profile_.bidirectional && left == 2)) {
    role.tcp_flags = kTcpFin | kTcpAck;
  } else {
    role.tcp_flags = (random >> 16 & 3) != 0 ? kTcpPsh | kTcpAck : kTcpAck;
    role.control = false;
  }
  return role;
}

std::uint32_t OrdinaryGenerator::frame_bytes_of(const Role& role, std::uint64_t random) const {
  if (sizes_.kind == FrameSizes::Kind::kFixed) return sizes_.frame_bytes;
  if (role.control) return kSmallFrameBytes;
  const std::uint64_t dice = (random >> 20 & 0xffffff) % 12;
  if (dice < 7) return kSmallFrameBytes;
  return dice < 11 ? kMediumFrameBytes : kLargeFrameBytes;
}

std::uint32_t OrdinaryGenerator::put_transport(std::byte* at, const Traits& traits, const Role& role,
                                               const IpFields& ip, Connection& connection,
                                               std::uint64_t payload_sum) {
  const std::uint16_t src_port = role.reverse ? traits.server_port : traits.client_port;
  const std::uint16_t dst_port = role.reverse ? traits.client_port : traits.server_port;
  const std::uint64_t pseudo_sum = pseudo_header_sum(ip);
  if (ip.protocol == kProtocolUdp) {
    return put_udp(at, src_port, dst_port, ip.payload_length - kUdpHeaderBytes, pseudo_sum, payload_sum);
  }
  if (is_echo(ip.protocol)) {
    return put_icmp_echo(at, {traits.ipv6, role.reverse, traits.client_port, echo_of(connection)}, pseudo_sum,
                         payload_sum);
  }
  std::uint32_t& own = role.reverse ? connection.server_seq : connection.client_seq;
  const std::uint32_t peer = role.reverse ? connection.client_seq : connection.server_seq;
  TcpFields tcp;
  tcp.src_port = src_port;
  tcp.dst_port = dst_port;
  tcp.seq = own;
  tcp.ack = (role.tcp_flags & kTcpAck) != 0 ? peer : 0;
  tcp.flags = role.tcp_flags;
  const std::uint32_t header_bytes = put_tcp(at, tcp, pseudo_sum, payload_sum);
  const bool repeats = profile_.syn_only && connection.made > 0;
  if (repeats) ++ledger_.tcp_retransmissions;
  // SYN and FIN take one sequence number each (RFC 9293 section 3.4); a repeated SYN takes the same one
  // again.
  if (!profile_.syn_only) {
    own += ip.payload_length - header_bytes + ((role.tcp_flags & (kTcpSyn | kTcpFin)) != 0 ? 1 : 0);
  }
  return header_bytes;
}

void OrdinaryGenerator::count(const Traits& traits, const IpFields& ip, std::uint32_t frame_bytes,
                              bool first) {
  ++ledger_.packets;
  ledger_.bytes += frame_bytes;
  ledger_.ip_bytes += ip.packet_bytes();
  const bool tcp = traits.protocol == kProtocolTcp;
  const bool udp = traits.protocol == kProtocolUdp;
  if (first) {
    ++ledger_.biflows;
    ledger_.outer_tcp += tcp ? 1 : 0;
    ledger_.outer_udp += udp ? 1 : 0;
  }
  ++(tcp ? ledger_.tcp_packets : udp ? ledger_.udp_packets : ledger_.icmp_packets);
  ledger_.ipv6_packets += traits.ipv6 ? 1 : 0;
  ledger_.vlan_packets += traits.vlan_id != 0 ? 1 : 0;
}

bool OrdinaryGenerator::next(PacketView& packet) {
  if (position_ == order_.size()) return false;
  if (position_ + kPrefetchAhead < order_.size()) {
    __builtin_prefetch(&connections_[order_[position_ + kPrefetchAhead]]);
  }
  const std::uint32_t index = order_[position_];
  Connection& connection = connections_[index];
  const Traits traits = traits_of(index);
  // A reply returns its request's payload, so both are drawn alike (RFC 792).
  const std::uint64_t draw = is_echo(traits.protocol) ? echo_of(connection) : connection.made;
  const std::uint64_t random = mix_bits(traits.hash + draw * 0x9e3779b97f4a7c15U);
  const Role role = role_of(connection, traits.protocol, random);
  if (connection.made == 0) {
    connection.client_seq = static_cast<std::uint32_t>(traits.hash);
    // One direction alone has nobody to learn the peer's number from: it acknowledges the same number
    // throughout.
    connection.server_seq = static_cast<std::uint32_t>(random >> 32);
  }

  IpFields ip;
  ip.ipv6 = traits.ipv6;
  ip.src = role.reverse ? traits.server : traits.client;
  ip.dst = role.reverse ? traits.client : traits.server;
  ip.protocol = traits.protocol;
  ip.identification = static_cast<std::uint16_t>(random >> 44);
  const std::uint32_t transport_bytes = traits.protocol == kProtocolTcp ? kTcpHeaderBytes : kUdpHeaderBytes;
  const std::uint32_t header_bytes =
      kEthernetHeaderBytes + (traits.vlan_id != 0 ? kVlanTagBytes : 0) + ip.header_bytes() + transport_bytes;
  const std::uint32_t frame_bytes = std::max(frame_bytes_of(role, random), header_bytes);
  const std::uint32_t payload_bytes = role.control ? 0 : frame_bytes - header_bytes;
  const auto payload = static_cast<std::uint32_t>(random >> 54);
  ip.payload_length = transport_bytes + payload_bytes;

  std::byte* at = frame_.data();
  at += put_ethernet(at, {role.reverse ? kClientMac : kServerMac, role.reverse ? kServerMac : kClientMac,
                          traits.vlan_id, traits.ipv6});
  at += put_ip(at, ip);
  at += put_transport(at, traits, role, ip, connection, payload_.sum(payload, payload_bytes));
  const std::uint32_t captured = std::min(frame_bytes, profile_.snaplen);
  if (captured > header_bytes) {
    if (payload_bytes > 0) {
      std::memcpy(at, payload_.bytes(payload), captured - header_bytes);
    } else {
      std::memset(at, 0, captured - header_bytes);
    }
  }

  count(traits, ip, frame_bytes, connection.made == 0);
  ++connection.made;
  const std::uint64_t seconds = position_ / profile_.packets_per_second;
  const std::uint64_t rest = position_ % profile_.packets_per_second;
  packet = PacketView{};
  packet.data = frame_.data();
  packet.captured_length = captured;
  packet.original_length = frame_bytes;
  packet.timestamp_ns = profile_.start_ns + static_cast<TimeNs>(seconds) * kSecondNs +
                        static_cast<TimeNs>(rest * kSecondNs / profile_.packets_per_second);
  ++position_;
  return true;
}

}  // namespace wireglass
