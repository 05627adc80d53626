#pragma once

#include <algorithm>
#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/ethertype.hpp"

namespace wireglass {

/// Bytes that the tunnel's own IP packet has from the cursor on: as its UDP header tells (more than the
/// packet has where that is only its first fragment, or was cut by whoever wrote the file) or as there are.
inline std::uint32_t tunnel_remaining(DecodeContext& context) {
  const IpLayer& carrier = context.decoded().flow_layer();
  const std::uint32_t behind_udp = context.cursor.offset() - carrier.transport_offset;
  std::uint64_t told = 0;
  if (carrier.protocol != 17 || !context.cursor.read_at(carrier.transport_offset + 4, 2, told)) told = 0;
  const std::uint32_t by_udp = told > behind_udp ? static_cast<std::uint32_t>(told) - behind_udp : 0;
  return std::max(by_udp, context.wire_remaining());
}

/// The IP header at the cursor, `size` bytes in front of the tunnel's end, where a tunnel has no field that
/// tells what it carries; kEnd where version and lengths say that it can be none. So that any other datagram
/// on a tunnel's port is not taken for one.
inline ProtocolId plausible_ip(const DecodeContext& context, std::uint32_t size) {
  constexpr std::uint32_t kIpv4Bytes = 20;
  constexpr std::uint32_t kIpv6Bytes = 40;
  const auto header = context.cursor.peek<6>();
  if (!header) return ProtocolId::kEnd;
  const std::uint8_t first = header.u8<0>();
  if (first >> 4 == 4) {
    const std::uint32_t header_bytes = (first & 0x0f) * 4U;
    // 0: segmentation offload left it to the network card.
    const std::uint32_t total = header.u16<2>() != 0 ? header.u16<2>() : size;
    const bool fits = header_bytes >= kIpv4Bytes && total >= header_bytes && total <= size;
    return fits ? ProtocolId::kIpv4 : ProtocolId::kEnd;
  }
  if (first >> 4 == 6 && size >= kIpv6Bytes && header.u16<4>() <= size - kIpv6Bytes) return ProtocolId::kIpv6;
  return ProtocolId::kEnd;
}

/// Ethernet at the cursor with an IP header behind it whose version is what the EtherType says; kEnd where
/// that is not so. For tunnels that have no field that tells.
inline ProtocolId plausible_ethernet(const DecodeContext& context) {
  constexpr std::uint32_t kHeaderBytes = 14;
  const auto header = context.cursor.peek<kHeaderBytes + 1>();
  if (!header) return ProtocolId::kEnd;
  const ProtocolId next = protocol_of_ethertype(header.u16<12>());
  const std::uint8_t version = header.u8<kHeaderBytes>() >> 4;
  const bool fits = (next == ProtocolId::kIpv4 && version == 4) ||
                    (next == ProtocolId::kIpv6 && version == 6) || next == ProtocolId::kVlan;
  return fits ? ProtocolId::kEthernet : ProtocolId::kEnd;
}

}  // namespace wireglass
