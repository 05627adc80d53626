#include "meter/packet_digest.hpp"

#include "meter/endpoints.hpp"
#include "meter/ip_protocol.hpp"

namespace wireglass {

void make_digest(const PacketView& packet, const DecodedPacket& decoded, std::uint64_t segment,
                 PacketDigest& digest) {
  const IpLayer& layer = decoded.flow_layer();
  digest.from_b = set_endpoints(packet, layer, digest.key);
  digest.key.vlan_id = decoded.vlan_count > 0 ? decoded.vlan_ids[0] : std::uint16_t{0};
  digest.key.customer_vlan_id = decoded.vlan_count > 1 ? decoded.vlan_ids[1] : std::uint16_t{0};
  digest.key.tenant_id = decoded.tenant_id;
  digest.key.overlay = decoded.overlay;
  digest.key.reserved = 0;

  digest.timestamp_ns = packet.timestamp_ns;
  digest.segment = segment;
  digest.ip_bytes = layer.ip_bytes;
  digest.interface_id = packet.interface_id;
  digest.icmp_type_code = ip_protocol::is_icmp(layer.protocol) ? decoded.icmp_type_code : std::uint16_t{0};
  digest.tcp_flags =
      layer.protocol == ip_protocol::kTcp && layer.has_ports ? decoded.tcp_flags : std::uint8_t{0};
  if (decoded.overlay != Overlay::kNone) {
    read_addresses(packet, decoded.ip_layers[decoded.overlay_ip_layer], digest.outer_src, digest.outer_dst);
  }
}

}  // namespace wireglass
