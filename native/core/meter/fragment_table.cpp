#include "meter/fragment_table.hpp"

#include <algorithm>
#include <bit>

#include "decode/ip_extensions.hpp"
#include "decode/protocol_table.hpp"
#include "meter/endpoints.hpp"

namespace wireglass {
namespace {

std::uint32_t capacity_of(const FragmentConfig& config, std::uint32_t ways) {
  return std::bit_ceil(std::clamp(config.max_datagrams, ways, FragmentConfig::kMaxDatagrams));
}

// The protocol field of the IP header itself: behind IPv4's authentication header the first fragment shows
// what the later ones cannot. IPv6 has no protocol that all fragments share (RFC 8200 section 4.5).
std::uint8_t shared_protocol(const PacketView& packet, const IpLayer& layer) {
  return layer.version == 4 ? std::to_integer<std::uint8_t>(packet.data[layer.offset + 9]) : std::uint8_t{0};
}

FlowKey key_of(const PacketView& packet, const DecodedPacket& decoded, const IpLayer& layer) {
  FlowKey key;
  read_addresses(packet, layer, key.addr_a, key.addr_b);
  key.port_a = static_cast<std::uint16_t>(layer.identification >> 16);
  key.port_b = static_cast<std::uint16_t>(layer.identification);
  set_link_vlans(decoded, key);
  key.inner_vlan_id = layer.inner_vlan_ids[0];
  key.inner_customer_vlan_id = layer.inner_vlan_ids[1];
  key.tenant_id = layer.tunnel_id;
  key.protocol = shared_protocol(packet, layer);
  key.overlay = layer.overlay;
  // An IPv4 address and its mapped IPv6 one are equal in the key: the bit that is free here tells them apart.
  key.layer = layer.version == 6 ? FlowLayer::kOuter : FlowLayer::kInnermost;
  return key;
}

// Whether a later fragment misses something without its first one.
bool wants_first(const IpLayer& layer) {
  return kIpProtocols[layer.protocol].has_ports || kIpv6Extensions[layer.protocol] != ExtensionKind::kNone;
}

}  // namespace

FragmentTable::FragmentTable(const FragmentConfig& config, const FlowHash& hash)
    : timeout_ns_(static_cast<std::uint64_t>(std::max<TimeNs>(config.timeout_ns, 0))),
      bucket_mask_(capacity_of(config, kWays) / kWays - 1),
      hash_(hash),
      datagrams_(capacity_of(config, kWays)) {}

std::size_t FragmentTable::footprint_bytes(const FragmentConfig& config) {
  return MappedArray<Datagram>::footprint_bytes(capacity_of(config, kWays));
}

void FragmentTable::follow_fragments(const PacketView& packet, DecodedPacket& decoded) {
  for (std::uint8_t i = 0; i < decoded.ip_layer_count; ++i) {
    IpLayer& layer = decoded.ip_layers[i];
    if (!layer.is_fragment) continue;
    if (layer.is_later_fragment) {
      resolve(packet, decoded, layer);
    } else {
      learn(packet, decoded, layer);
    }
  }
}

void FragmentTable::learn(const PacketView& packet, const DecodedPacket& decoded, const IpLayer& layer) {
  // A first fragment that ends ahead of its ports teaches nothing.
  if (kIpProtocols[layer.protocol].has_ports && !layer.has_ports) return;
  const FlowKey key = key_of(packet, decoded, layer);
  // Nothing that a later fragment does not show by itself.
  if (!layer.has_ports && layer.version == 4 && key.protocol == layer.protocol) return;
  Datagram* bucket = bucket_of(key);
  Datagram* datagram = find(bucket, key, packet.timestamp_ns);
  if (datagram == nullptr) {
    datagram = &place_for(bucket, packet.timestamp_ns);
  } else if (packet.timestamp_ns - datagram->learned_ns < kReuseNs) {
    const bool same = datagram->protocol == layer.protocol && datagram->src_port == layer.src_port &&
                      datagram->dst_port == layer.dst_port;
    if (!same) counters_.conflicting.add(1);
    return;
  }
  *datagram = {
      key, packet.timestamp_ns, layer.src_port, layer.dst_port, layer.protocol, layer.has_ports, true, 0};
  counters_.learned.add(1);
}

void FragmentTable::resolve(const PacketView& packet, const DecodedPacket& decoded, IpLayer& layer) {
  const FlowKey key = key_of(packet, decoded, layer);
  const Datagram* datagram = find(bucket_of(key), key, packet.timestamp_ns);
  if (datagram == nullptr) {
    if (wants_first(layer)) counters_.unresolved.add(1);
    return;
  }
  layer.protocol = datagram->protocol;
  layer.src_port = datagram->src_port;
  layer.dst_port = datagram->dst_port;
  layer.has_ports = datagram->has_ports;
  counters_.resolved.add(1);
}

FragmentTable::Datagram* FragmentTable::bucket_of(const FlowKey& key) {
  return &datagrams_[(hash_(key) & bucket_mask_) * kWays];
}

FragmentTable::Datagram* FragmentTable::find(Datagram* bucket, const FlowKey& key, TimeNs now_ns) const {
  for (std::uint32_t way = 0; way < kWays; ++way) {
    if (bucket[way].key == key && is_valid(bucket[way], now_ns)) return &bucket[way];
  }
  return nullptr;
}

FragmentTable::Datagram& FragmentTable::place_for(Datagram* bucket, TimeNs now_ns) {
  std::uint32_t oldest = 0;
  for (std::uint32_t way = 0; way < kWays; ++way) {
    if (!is_valid(bucket[way], now_ns)) return bucket[way];
    if (bucket[way].learned_ns < bucket[oldest].learned_ns) oldest = way;
  }
  counters_.replaced.add(1);
  return bucket[oldest];
}

bool FragmentTable::is_valid(const Datagram& datagram, TimeNs now_ns) const {
  // Time may go back from one file to the next, and by more than a signed difference holds.
  const auto now = static_cast<std::uint64_t>(now_ns);
  const auto learned = static_cast<std::uint64_t>(datagram.learned_ns);
  const std::uint64_t apart_ns = now_ns >= datagram.learned_ns ? now - learned : learned - now;
  return datagram.is_used && apart_ns < timeout_ns_;
}

}  // namespace wireglass
