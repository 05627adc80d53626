#include "meter/packet_digest.hpp"

#include <algorithm>

#include "meter/endpoints.hpp"
#include "meter/ip_protocol.hpp"

namespace wireglass {

namespace {

void fill_transport(const PacketView& packet, const DecodedPacket& decoded, PacketDigest& digest) {
  digest.payload_bytes = decoded.payload_bytes;
  const std::uint32_t captured = packet.captured_length > decoded.payload_offset && decoded.payload_bytes > 0
                                     ? packet.captured_length - decoded.payload_offset
                                     : 0;
  digest.captured_payload_bytes = std::min(captured, decoded.payload_bytes);
  digest.payload = digest.captured_payload_bytes > 0 ? packet.data + decoded.payload_offset : nullptr;
  digest.has_tcp = decoded.tcp.is_whole;
  digest.tcp_sequence = decoded.tcp.sequence;
  digest.tcp_acknowledgment = decoded.tcp.acknowledgment;
  digest.tcp_window = decoded.tcp.window;
}

void fill_ethernet(const PacketView& packet, const DecodedPacket& decoded, PacketDigest& digest) {
  digest.src_mac = 0;
  digest.dst_mac = 0;
  if (decoded.ethernet_offset == DecodedPacket::kNoEthernet) return;
  digest.dst_mac = read_mac(packet.data + decoded.ethernet_offset);
  digest.src_mac = read_mac(packet.data + decoded.ethernet_offset + 6);
}

}  // namespace

void make_digest(const PacketView& packet, const DecodedPacket& decoded, std::uint32_t segment,
                 PacketDigest& digest) {
  const IpLayer& layer = decoded.flow_layer();
  digest.from_b = set_endpoints(packet, layer, digest.key);
  set_link_vlans(decoded, digest.key);
  digest.key.inner_vlan_id = decoded.inner_vlan_ids[0];
  digest.key.inner_customer_vlan_id = decoded.inner_vlan_ids[1];
  digest.key.tenant_id = decoded.tenant_id;
  digest.key.overlay = decoded.overlay;
  digest.key.layer = FlowLayer::kInnermost;

  digest.timestamp_ns = packet.timestamp_ns;
  digest.segment = segment;
  digest.ip_bytes = layer.ip_bytes;
  digest.interface_id = static_cast<std::uint16_t>(packet.interface_id);
  digest.ttl = layer.ttl;
  digest.dscp = layer.dscp;
  digest.icmp_type_code = ip_protocol::is_icmp(layer.protocol) ? decoded.icmp_type_code : std::uint16_t{0};
  digest.tcp_flags =
      layer.protocol == ip_protocol::kTcp && layer.has_ports ? decoded.tcp_flags : std::uint8_t{0};
  fill_transport(packet, decoded, digest);
  fill_ethernet(packet, decoded, digest);
  if (decoded.overlay != Overlay::kNone) {
    digest.teid = decoded.teid;
    if (decoded.overlay_ip_layer == DecodedPacket::kNoIpLayer) {
      digest.outer_src = {};
      digest.outer_dst = {};
    } else {
      read_addresses(packet, decoded.ip_layers[decoded.overlay_ip_layer], digest.outer_src, digest.outer_dst);
    }
  }
}

std::uint64_t hash_of_peers(const FlowHash& hash, const PacketDigest& digest) {
  const IpAddress none;
  if (digest.outer_src != none || digest.outer_dst != none) {
    return hash.of_peers(digest.outer_src, digest.outer_dst);
  }
  IpAddress src;
  IpAddress dst;
  src.lo = digest.src_mac;
  dst.lo = digest.dst_mac;
  return hash.of_peers(src, dst);
}

}  // namespace wireglass
