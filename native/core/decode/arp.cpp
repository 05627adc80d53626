#include "decode/arp.hpp"

#include <algorithm>
#include <array>

namespace wireglass {
namespace {

constexpr std::uint16_t kEthertypeArp = 0x0806;
constexpr std::uint16_t kEthertypeRarp = 0x8035;

/// Where a link layer header keeps the EtherType of what follows it, and where that begins.
struct EthertypePlace {
  std::uint32_t offset = 0;
  std::uint32_t payload = 0;
};

std::optional<EthertypePlace> ethertype_place(ProtocolId protocol) {
  switch (protocol) {
    case ProtocolId::kEthernet:
      return EthertypePlace{12, 14};
    case ProtocolId::kVlan:
      return EthertypePlace{2, 4};
    case ProtocolId::kLinuxSll:
      return EthertypePlace{14, 16};
    case ProtocolId::kLinuxSll2:
      return EthertypePlace{0, 20};
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<LastEthertype> last_ethertype(const PacketView& packet, const DecodedPacket& decoded) {
  if (decoded.header_count == 0) return std::nullopt;
  const HeaderRef& last = decoded.headers[decoded.header_count - 1];
  const std::optional<EthertypePlace> place = ethertype_place(last.protocol);
  if (!place) return std::nullopt;
  const std::size_t at = std::size_t{last.offset} + place->offset;
  if (at + 2 > packet.captured_length) return std::nullopt;
  const auto ethertype =
      std::to_integer<unsigned>(packet.data[at]) << 8 | std::to_integer<unsigned>(packet.data[at + 1]);
  return LastEthertype{static_cast<std::uint16_t>(ethertype), last.offset + place->payload};
}

bool is_arp(const PacketView& packet, const DecodedPacket& decoded) {
  if (decoded.ip_layer_count != 0) return false;
  const std::optional<LastEthertype> last = last_ethertype(packet, decoded);
  return last && last->ethertype == kEthertypeArp;
}

std::optional<ArpAddresses> arp_addresses(const PacketView& packet, const DecodedPacket& decoded) {
  // Protocol type IPv4, 6 octets of hardware address, 4 of protocol address, whatever the hardware is.
  constexpr std::array<std::byte, 4> kIpv4BehindMac = {std::byte{0x08}, std::byte{0x00}, std::byte{6},
                                                       std::byte{4}};
  constexpr std::size_t kPacketBytes = 28;
  if (decoded.ip_layer_count != 0) return std::nullopt;
  const std::optional<LastEthertype> last = last_ethertype(packet, decoded);
  if (!last || (last->ethertype != kEthertypeArp && last->ethertype != kEthertypeRarp)) return std::nullopt;
  if (last->payload_offset + kPacketBytes > packet.captured_length) return std::nullopt;
  const std::byte* const arp = packet.data + last->payload_offset;
  if (!std::equal(kIpv4BehindMac.begin(), kIpv4BehindMac.end(), arp + 2)) return std::nullopt;
  return ArpAddresses{IpAddress::from_ipv4(arp + 14), IpAddress::from_ipv4(arp + 24)};
}

}  // namespace wireglass
