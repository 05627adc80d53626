#include "decode/tunnel_inside.hpp"

#include <algorithm>

#include "decode/ethertype.hpp"

namespace wireglass {
namespace {
constexpr std::uint32_t kIpv4Bytes = 20;
constexpr std::uint32_t kIpv6Bytes = 40;
constexpr std::uint32_t kEthernetAddressBytes = 12;
constexpr std::uint32_t kTypeBytes = 2;
constexpr std::uint32_t kTagBytes = 4;
constexpr std::uint8_t kUdp = 17;
}  // namespace

std::uint32_t tunnel_remaining(DecodeContext& context) {
  const IpLayer& carrier = context.decoded().flow_layer();
  const std::uint32_t behind_udp = context.cursor.offset() - carrier.transport_offset;
  std::uint64_t told = 0;
  if (carrier.protocol != kUdp || !context.cursor.read_at(carrier.transport_offset + 4, 2, told)) told = 0;
  const std::uint32_t by_udp = told > behind_udp ? static_cast<std::uint32_t>(told) - behind_udp : 0;
  return std::max(by_udp, context.wire_remaining());
}

ProtocolId plausible_ip(const DecodeContext& context, std::uint32_t size, std::uint32_t ahead) {
  std::uint64_t start = 0;  // the first 6 octets
  if (!context.cursor.read_at(context.cursor.offset() + ahead, 6, start)) return ProtocolId::kEnd;
  const std::uint64_t version = start >> 44;
  if (version == 4) {
    const std::uint32_t header_bytes = (start >> 40 & 0x0f) * 4;
    const std::uint32_t told = start >> 16 & 0xffff;
    // 0: segmentation offload left it to the network card.
    const std::uint32_t total = told != 0 ? told : size;
    const bool fits = header_bytes >= kIpv4Bytes && total >= header_bytes && total <= size;
    return fits ? ProtocolId::kIpv4 : ProtocolId::kEnd;
  }
  const std::uint32_t payload = start & 0xffff;
  if (version == 6 && size >= kIpv6Bytes && payload <= size - kIpv6Bytes) return ProtocolId::kIpv6;
  return ProtocolId::kEnd;
}

ProtocolId plausible_ethernet(DecodeContext& context, std::uint32_t ahead) {
  const std::uint32_t size = tunnel_remaining(context);
  std::uint32_t at = ahead + kEthernetAddressBytes;
  for (int tags = 0; tags <= 2; ++tags, at += kTagBytes) {
    std::uint64_t ethertype = 0;
    if (!context.cursor.read_at(context.cursor.offset() + at, kTypeBytes, ethertype)) return ProtocolId::kEnd;
    const ProtocolId next = protocol_of_ethertype(static_cast<std::uint16_t>(ethertype));
    if (next == ProtocolId::kVlan) continue;
    const std::uint32_t ip_at = at + kTypeBytes;
    const bool fits =
        next != ProtocolId::kEnd && size > ip_at && plausible_ip(context, size - ip_at, ip_at) == next;
    return fits ? ProtocolId::kEthernet : ProtocolId::kEnd;
  }
  return ProtocolId::kEnd;
}

}  // namespace wireglass
