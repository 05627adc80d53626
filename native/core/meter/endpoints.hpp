#pragma once

#include <cassert>
#include <cstdint>
#include <utility>

#include "decode/decoded_packet.hpp"
#include "meter/flow_key.hpp"
#include "packet/packet_view.hpp"

namespace wireglass {

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
/// Returns whether the packet's source is endpoint b.
inline bool set_endpoints(const PacketView& packet, const IpLayer& layer, FlowKey& key) {
  read_addresses(packet, layer, key.addr_a, key.addr_b);
  key.port_a = layer.has_ports ? layer.src_port : std::uint16_t{0};
  key.port_b = layer.has_ports ? layer.dst_port : std::uint16_t{0};
  key.protocol = layer.protocol;
  const auto order = key.addr_a <=> key.addr_b;
  const bool from_b = order > 0 || (order == 0 && key.port_a > key.port_b);
  if (from_b) {
    std::swap(key.addr_a, key.addr_b);
    std::swap(key.port_a, key.port_b);
  }
  return from_b;
}

}  // namespace wireglass
