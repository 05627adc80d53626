#pragma once

#include <array>
#include <cassert>
#include <cstdint>
#include <cstring>

#include "decode/decoded_packet.hpp"
#include "meter/flow_key.hpp"
#include "packet/packet_view.hpp"

namespace wireglass {

/// 48 bits of a MAC address, the first octet highest. In an Ethernet header two more octets follow on either.
inline std::uint64_t read_mac(const std::byte* octets) {
  std::uint64_t word = 0;
  std::memcpy(&word, octets, sizeof(word));
  return __builtin_bswap64(word) >> 16;
}

/// Source and destination of an IP header (RFC 791 section 3.1, RFC 8200 section 3). The decoder makes an
/// IpLayer only of a header that lies within the captured bytes.
inline void read_addresses(const PacketView& packet, const IpLayer& layer, IpAddress& src, IpAddress& dst) {
  const std::byte* header = packet.data + layer.offset;
  if (layer.version == 4) {
    assert(layer.offset + 20U <= packet.captured_length);
    src = IpAddress::from_ipv4(header + 12);
    dst = IpAddress::from_ipv4(header + 16);
  } else {
    assert(layer.offset + 40U <= packet.captured_length);
    src = IpAddress::from_ipv6(header + 8);
    dst = IpAddress::from_ipv6(header + 24);
  }
}

/// Sets addresses, ports and protocol of `key` from this layer, the lower (address, port) as endpoint a.
/// Returns whether the packet's source is endpoint b. Without a branch on who is lower, which nobody could
/// predict.
inline bool set_endpoints(const PacketView& packet, const IpLayer& layer, FlowKey& key) {
  std::array<IpAddress, 2> addresses;
  read_addresses(packet, layer, addresses[0], addresses[1]);
  const std::array<std::uint16_t, 2> ports = {layer.has_ports ? layer.src_port : std::uint16_t{0},
                                              layer.has_ports ? layer.dst_port : std::uint16_t{0}};
  __extension__ using Ordered = unsigned __int128;
  const auto ordered = [](const IpAddress& address) { return Ordered{address.hi} << 64 | address.lo; };
  const Ordered src = ordered(addresses[0]);
  const Ordered dst = ordered(addresses[1]);
  const unsigned from_b = static_cast<unsigned>(src > dst) |
                          (static_cast<unsigned>(src == dst) & static_cast<unsigned>(ports[0] > ports[1]));
  key.addr_a = addresses[from_b];
  key.addr_b = addresses[from_b ^ 1];
  key.port_a = ports[from_b];
  key.port_b = ports[from_b ^ 1];
  key.protocol = layer.protocol;
  return from_b != 0;
}

inline void set_link_vlans(const DecodedPacket& decoded, FlowKey& key) {
  key.vlan_id = decoded.vlan_count > 0 ? decoded.vlan_ids[0] : 0U;
  key.customer_vlan_id = decoded.vlan_count > 1 ? decoded.vlan_ids[1] : 0U;
}

}  // namespace wireglass
