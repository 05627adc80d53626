#include "meter/packet_digest.hpp"

#include <algorithm>

#include "meter/endpoints.hpp"
#include "meter/ip_protocol.hpp"

namespace wireglass {

namespace {

void fill_transport(const PacketView& packet, const DecodedPacket& decoded, PacketDigest& digest) {
  digest.payload_bytes = decoded.payload_bytes;
  set_payload(digest, packet, decoded.payload_offset);
  digest.has_tcp = decoded.tcp.is_whole;
  digest.tcp_sequence = decoded.tcp.sequence;
  digest.tcp_acknowledgment = decoded.tcp.acknowledgment;
  digest.tcp_window = decoded.tcp.window;
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
  digest.frame = packet.data;
  digest.ethernet_offset = decoded.ethernet_offset;
  digest.teid = decoded.teid;
  const bool has_outer_ip =
      decoded.overlay != Overlay::kNone && decoded.overlay_ip_layer != DecodedPacket::kNoIpLayer;
  digest.outer_ip_offset =
      has_outer_ip ? decoded.ip_layers[decoded.overlay_ip_layer].offset : PacketDigest::kNoHeader;
}

MacPair macs_of(const PacketDigest& digest) {
  if (digest.ethernet_offset == PacketDigest::kNoHeader) return {};
  const std::byte* const header = digest.frame + digest.ethernet_offset;
  return {read_mac(header + 6), read_mac(header)};
}

AddressPair outer_addresses_of(const PacketDigest& digest) {
  if (digest.key.overlay == Overlay::kNone || digest.outer_ip_offset == PacketDigest::kNoHeader) return {};
  const std::byte* const header = digest.frame + digest.outer_ip_offset;
  if (std::to_integer<unsigned>(*header) >> 4 == 4)
    return {IpAddress::from_ipv4(header + 12), IpAddress::from_ipv4(header + 16)};
  return {IpAddress::from_ipv6(header + 8), IpAddress::from_ipv6(header + 24)};
}

std::uint64_t hash_of_peers(const FlowHash& hash, const PacketDigest& digest) {
  const IpAddress none;
  const AddressPair outer = outer_addresses_of(digest);
  if (outer.src != none || outer.dst != none) return hash.of_peers(outer.src, outer.dst);
  const MacPair macs = macs_of(digest);
  IpAddress src;
  IpAddress dst;
  src.lo = macs.src;
  dst.lo = macs.dst;
  return hash.of_peers(src, dst);
}

}  // namespace wireglass
