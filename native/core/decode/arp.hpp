#pragma once

#include <cstdint>
#include <optional>

#include "decode/decoded_packet.hpp"
#include "packet/ip_address.hpp"
#include "packet/packet_view.hpp"

namespace wireglass {

/// The EtherType behind the innermost header that was decoded, where that is a link header with one, and
/// where its payload begins. Empty for other headers and where it was not captured.
struct LastEthertype {
  std::uint16_t ethertype = 0;
  std::uint32_t payload_offset = 0;
};
std::optional<LastEthertype> last_ethertype(const PacketView& packet, const DecodedPacket& decoded);

/// Whether a packet without an IP layer is ARP (RFC 826).
bool is_arp(const PacketView& packet, const DecodedPacket& decoded);

/// Protocol addresses of an ARP or RARP packet (RFC 826, RFC 903) for IPv4.
struct ArpAddresses {
  IpAddress sender;
  IpAddress target;
};

/// Empty where the packet has an IP layer, is no such ARP, or does not show both addresses.
std::optional<ArpAddresses> arp_addresses(const PacketView& packet, const DecodedPacket& decoded);

}  // namespace wireglass
