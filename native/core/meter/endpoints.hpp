#pragma once

#include <array>
#include <cstdint>

#include "decode/decoded_packet.hpp"
#include "decode/header_addresses.hpp"
#include "meter/flow_key.hpp"
#include "packet/packet_view.hpp"

namespace wireglass {

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
