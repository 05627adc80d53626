#include "filter/packet_fields.hpp"

#include <algorithm>
#include <array>

#include "decode/header_addresses.hpp"

namespace wireglass {
namespace {

constexpr std::uint8_t kIcmp = 1;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kIcmpv6 = 58;

/// A member of the IP header that the layer names.
template <auto kMember>
std::optional<std::int64_t> of_layer(const FilteredPacket& packet, FilterLayer which) {
  const IpLayer* layer = layer_of(packet.decoded, which);
  if (layer == nullptr) return std::nullopt;
  return layer->*kMember;
}

/// A port, 0 where the header's protocol shows none.
template <auto kMember>
std::optional<std::int64_t> port_of(const FilteredPacket& packet, FilterLayer which) {
  const IpLayer* layer = layer_of(packet.decoded, which);
  if (layer == nullptr) return std::nullopt;
  return layer->has_ports ? layer->*kMember : 0;
}

template <auto kMember>
std::optional<std::int64_t> of_view(const FilteredPacket& packet, FilterLayer /*which*/) {
  return packet.view.*kMember;
}

template <auto kMember>
std::optional<std::int64_t> of_packet(const FilteredPacket& packet, FilterLayer /*which*/) {
  return static_cast<std::int64_t>(packet.decoded.*kMember);
}

/// `kPlace` of the VLAN identifiers, 0 beyond their count.
template <auto kIds, auto kCount, std::size_t kPlace>
std::optional<std::int64_t> vlan_of(const FilteredPacket& packet, FilterLayer /*which*/) {
  return packet.decoded.*kCount > kPlace ? (packet.decoded.*kIds)[kPlace] : 0;
}

std::optional<std::int64_t> tunnel_id(const FilteredPacket& packet, FilterLayer /*which*/) {
  return packet.decoded.tunnel_id();
}

std::optional<std::int64_t> tcp_flags(const FilteredPacket& packet, FilterLayer /*which*/) {
  const IpLayer* layer = layer_of(packet.decoded, FilterLayer::kInner);
  if (layer == nullptr) return std::nullopt;
  return layer->protocol == kTcp && layer->has_ports ? packet.decoded.tcp_flags : 0;
}

std::optional<std::int64_t> icmp_type_code(const FilteredPacket& packet, FilterLayer /*which*/) {
  const IpLayer* layer = layer_of(packet.decoded, FilterLayer::kInner);
  if (layer == nullptr) return std::nullopt;
  const bool is_icmp = layer->protocol == kIcmp || layer->protocol == kIcmpv6;
  return is_icmp ? packet.decoded.icmp_type_code : 0;
}

/// A MAC address, `kOffset` octets into the Ethernet header; 0 without one.
template <std::size_t kOffset>
std::optional<std::int64_t> mac_of(const FilteredPacket& packet, FilterLayer which) {
  constexpr std::size_t kHeaderBytes = 14;
  std::size_t offset = packet.decoded.ethernet_offset;
  if (which == FilterLayer::kOuter) {
    const bool begins_with_it =
        packet.decoded.header_count != 0 && packet.decoded.headers[0].protocol == ProtocolId::kEthernet;
    offset = begins_with_it ? packet.decoded.headers[0].offset : DecodedPacket::kNoEthernet;
  }
  if (offset == DecodedPacket::kNoEthernet || offset + kHeaderBytes > packet.view.captured_length) return 0;
  return static_cast<std::int64_t>(read_mac(packet.view.data + offset + kOffset));
}

template <bool kSource>
std::optional<IpAddress> address_of(const FilteredPacket& packet, FilterLayer which) {
  const IpLayer* layer = layer_of(packet.decoded, which);
  if (layer == nullptr) return std::nullopt;
  IpAddress src;
  IpAddress dst;
  read_addresses(packet.view, *layer, src, dst);
  return kSource ? src : dst;
}

/// An end of the innermost tunnel; "::" without a tunnel and where a layer 2 service carries it.
template <bool kSource>
std::optional<IpAddress> tunnel_end(const FilteredPacket& packet, FilterLayer /*which*/) {
  const DecodedPacket& decoded = packet.decoded;
  IpAddress src;
  IpAddress dst;
  if (decoded.overlay != Overlay::kNone && decoded.overlay_ip_layer < decoded.ip_layer_count)
    read_addresses(packet.view, decoded.ip_layers[decoded.overlay_ip_layer], src, dst);
  return kSource ? src : dst;
}

std::string_view interface_of(const FilteredPacket& packet) { return packet.interface; }

constexpr PacketField number(std::string_view name, FieldPlace place, NumberReader reader) {
  return {name, FieldKind::kNumber, place, reader, nullptr, nullptr};
}
constexpr PacketField address(std::string_view name, FieldPlace place, AddressReader reader) {
  return {name, FieldKind::kAddress, place, nullptr, reader, nullptr};
}

using D = DecodedPacket;
using P = FieldPlace;

constexpr std::array kFields = {
    number("time_ns", P::kPacket, of_view<&PacketView::timestamp_ns>),
    number("captured_length", P::kPacket, of_view<&PacketView::captured_length>),
    number("original_length", P::kPacket, of_view<&PacketView::original_length>),
    PacketField{"interface", FieldKind::kText, P::kPacket, nullptr, nullptr, interface_of},
    number("decode_status", P::kPacket, of_packet<&D::status>),
    number("vlan_id", P::kPacket, vlan_of<&D::vlan_ids, &D::vlan_count, 0>),
    number("customer_vlan_id", P::kPacket, vlan_of<&D::vlan_ids, &D::vlan_count, 1>),
    number("inner_vlan_id", P::kInnermost, vlan_of<&D::inner_vlan_ids, &D::inner_vlan_count, 0>),
    number("inner_customer_vlan_id", P::kInnermost, vlan_of<&D::inner_vlan_ids, &D::inner_vlan_count, 1>),
    number("overlay", P::kInnermost, of_packet<&D::overlay>),
    number("tenant_id", P::kInnermost, tunnel_id),
    number("teid", P::kInnermost, of_packet<&D::teid>),
    address("outer_src_addr", P::kInnermost, tunnel_end<true>),
    address("outer_dst_addr", P::kInnermost, tunnel_end<false>),
    address("src_addr", P::kLayer, address_of<true>),
    address("dst_addr", P::kLayer, address_of<false>),
    number("src_port", P::kLayer, port_of<&IpLayer::src_port>),
    number("dst_port", P::kLayer, port_of<&IpLayer::dst_port>),
    number("protocol", P::kLayer, of_layer<&IpLayer::protocol>),
    number("bytes", P::kLayer, of_layer<&IpLayer::ip_bytes>),
    number("ttl", P::kLayer, of_layer<&IpLayer::ttl>),
    number("dscp", P::kLayer, of_layer<&IpLayer::dscp>),
    number("src_mac", P::kLayer, mac_of<6>),
    number("dst_mac", P::kLayer, mac_of<0>),
    number("tcp_flags", P::kInnermost, tcp_flags),
    number("icmp_type_code", P::kInnermost, icmp_type_code),
};

}  // namespace

std::span<const PacketField> packet_fields() { return kFields; }

const PacketField* find_packet_field(std::string_view name) {
  const auto* found = std::ranges::find(kFields, name, &PacketField::name);
  return found == kFields.end() ? nullptr : found;
}

}  // namespace wireglass
