#include "traffic/frame.hpp"

#include <cstring>

#include "traffic/random.hpp"
#include "traffic/wire.hpp"

namespace wireglass {
namespace {

/// Maximum segment size (RFC 9293), SACK permitted (RFC 2018), no-operation, window scale 7 (RFC 7323).
constexpr std::size_t kSynOptionsBytes = 12;
constexpr std::uint16_t kWindow = 502;       ///< times 2^7
constexpr std::uint16_t kSynWindow = 64240;  ///< not scaled (RFC 7323 section 2.2)

std::array<std::byte, kSynOptionsBytes> syn_options(std::uint32_t mss) {
  std::array<std::byte, kSynOptionsBytes> options{};
  put32(options.data(), 2U << 24 | 4U << 16 | mss);
  put32(options.data() + 4, 4U << 24 | 2U << 16 | 1U << 8 | 1U);
  put32(options.data() + 8, 1U << 24 | 3U << 16 | 3U << 8 | 7U);
  return options;
}

}  // namespace

IpFields ip_fields(const Conversation& conversation, const Segment& segment) {
  IpFields ip;
  ip.ipv6 = conversation.ipv6;
  ip.src = segment.from_server ? conversation.server : conversation.client;
  ip.dst = segment.from_server ? conversation.client : conversation.server;
  ip.ttl = segment.from_server ? 62 : 64;
  ip.identification = static_cast<std::uint16_t>(
      mix_bits(conversation.seed + segment.seq + segment.message + (segment.from_server ? 1U << 31 : 0)));
  ip.flow_label = static_cast<std::uint32_t>(conversation.seed >> 44);
  switch (conversation.transport) {
    case Transport::kTcp:
      ip.protocol = kProtocolTcp;
      break;
    case Transport::kUdp:
      ip.protocol = kProtocolUdp;
      break;
    case Transport::kIcmpEcho:
      ip.protocol = conversation.ipv6 ? kProtocolIcmpv6 : kProtocolIcmp;
      break;
  }
  return ip;
}

std::uint32_t put_ip_packet(std::byte* at, const Conversation& conversation, const Segment& segment,
                            const std::byte* payload) {
  IpFields ip = ip_fields(conversation, segment);
  const std::uint16_t src_port = segment.from_server ? conversation.server_port : conversation.client_port;
  const std::uint16_t dst_port = segment.from_server ? conversation.client_port : conversation.server_port;
  const bool syn = (segment.tcp_flags & kTcpSyn) != 0;
  std::array<std::byte, kSynOptionsBytes> options{};
  if (syn) options = syn_options(conversation.mss);
  std::uint32_t transport_bytes = kUdpHeaderBytes;
  if (conversation.transport == Transport::kTcp)
    transport_bytes = kTcpHeaderBytes + (syn ? kSynOptionsBytes : 0);
  ip.payload_length = transport_bytes + segment.bytes;

  const std::uint64_t pseudo_sum = pseudo_header_sum(ip);
  const std::uint64_t payload_sum = word_sum(payload, segment.bytes);
  std::byte* transport = at + put_ip(at, ip);
  switch (conversation.transport) {
    case Transport::kTcp: {
      TcpFields tcp;
      tcp.src_port = src_port;
      tcp.dst_port = dst_port;
      tcp.seq = segment.seq;
      tcp.ack = segment.ack;
      tcp.flags = segment.tcp_flags;
      tcp.window = syn ? kSynWindow : kWindow;
      if (syn) tcp.options = options;
      put_tcp(transport, tcp, pseudo_sum, payload_sum);
      break;
    }
    case Transport::kUdp:
      put_udp(transport, src_port, dst_port, segment.bytes, pseudo_sum, payload_sum);
      break;
    case Transport::kIcmpEcho:
      put_icmp_echo(transport,
                    {conversation.ipv6, segment.from_server, static_cast<std::uint16_t>(conversation.seed),
                     static_cast<std::uint16_t>(segment.message / 2)},
                    pseudo_sum, payload_sum);
      break;
  }
  std::memcpy(transport + transport_bytes, payload, segment.bytes);
  return ip.packet_bytes();
}

}  // namespace wireglass
