#include "meter/outer_digest.hpp"

#include "meter/endpoints.hpp"

namespace wireglass {

bool make_outer_digest(const PacketView& packet, const DecodedPacket& decoded, std::uint32_t segment,
                       PacketDigest& digest) {
  if (decoded.ip_layer_count < 2 || decoded.overlay == Overlay::kNone) return false;
  const IpLayer& layer = decoded.ip_layers[0];
  digest = PacketDigest();
  digest.from_b = set_endpoints(packet, layer, digest.key);
  set_link_vlans(decoded, digest.key);
  digest.key.layer = FlowLayer::kOuter;
  digest.timestamp_ns = packet.timestamp_ns;
  digest.segment = segment;
  digest.ip_bytes = layer.ip_bytes;
  digest.interface_id = static_cast<std::uint16_t>(packet.interface_id);
  digest.ttl = layer.ttl;
  digest.dscp = layer.dscp;
  return true;
}

}  // namespace wireglass
