#include "pipeline/packet_summary.hpp"

#include <algorithm>
#include <tuple>
#include <vector>

#include "decode/arp.hpp"
#include "meter/packet_digest.hpp"

namespace wireglass {

namespace {

std::string_view ip_protocol_name(std::uint8_t protocol) {
  switch (protocol) {
    case 1:
      return "icmp";
    case 6:
      return "tcp";
    case 17:
      return "udp";
    case 58:
      return "icmpv6";
    case 132:
      return "sctp";
    default:
      return "other";
  }
}

std::string_view protocol_of(const PacketView& packet, const DecodedPacket& decoded) {
  if (decoded.ip_layer_count == 0) return is_arp(packet, decoded) ? "arp" : "other";
  const bool control =
      std::any_of(decoded.headers.begin(), decoded.headers.begin() + decoded.header_count,
                  [](const HeaderRef& header) { return header.protocol == ProtocolId::kLispControl; });
  return control ? "lisp_control" : ip_protocol_name(decoded.flow_layer().protocol);
}

}  // namespace

PacketSummary summarize_packet(const Decoder& decoder, const PacketView& packet) {
  DecodedPacket decoded;
  decoder.decode(packet, decoded);
  return summarize_packet(packet, decoded);
}

PacketSummary summarize_packet(const PacketView& packet, const DecodedPacket& decoded) {
  PacketSummary summary;
  summary.decode_status = kDecodeStatusNames[static_cast<std::size_t>(decoded.status)];
  summary.protocol = protocol_of(packet, decoded);
  if (decoded.vlan_count > 0) summary.vlan_id = decoded.vlan_ids[0];
  if (decoded.ip_layer_count == 0) return summary;

  PacketDigest digest;
  make_digest(packet, decoded, 0, digest);
  const FlowKey& key = digest.key;
  summary.ip_protocol = decoded.flow_layer().protocol;
  summary.src_addr = digest.from_b ? key.addr_b : key.addr_a;
  summary.dst_addr = digest.from_b ? key.addr_a : key.addr_b;
  if (decoded.flow_layer().has_ports) {
    summary.src_port = decoded.flow_layer().src_port;
    summary.dst_port = decoded.flow_layer().dst_port;
  }
  if (decoded.overlay != Overlay::kNone) {
    summary.overlay = kOverlayNames[static_cast<std::size_t>(decoded.overlay)];
    summary.tenant_id = decoded.tunnel_id();
    const AddressPair outer = outer_addresses_of(digest);
    summary.outer_src_addr = outer.src;
    summary.outer_dst_addr = outer.dst;
  }
  return summary;
}

PacketView view_of(const StoredPacket& packet) {
  PacketView view;
  view.data = packet.data.data();
  view.captured_length = static_cast<std::uint32_t>(packet.data.size());
  view.original_length = packet.original_length;
  view.timestamp_ns = packet.timestamp_ns;
  view.link_type = packet.link_type;
  return view;
}

Error several_link_types(LinkType first, LinkType other) {
  return {"several_link_types",
          "The packets have several link types (" + link_type_name(first) + " and " + link_type_name(other) +
              "), and a pcap file holds one. Ask for PCAPNG, which holds several, or for "
              "packets of one interface."};
}

Result<PcapngWriter::Buffer> make_pcap(std::span<const StoredPacket> packets) {
  std::vector<const StoredPacket*> ordered;
  ordered.reserve(packets.size());
  for (const StoredPacket& packet : packets) ordered.push_back(&packet);
  std::sort(ordered.begin(), ordered.end(), [](const StoredPacket* left, const StoredPacket* right) {
    return std::tie(left->id.segment, left->id.ordinal) < std::tie(right->id.segment, right->id.ordinal);
  });
  const LinkType link_type = ordered.empty() ? LinkType::kEthernet : ordered.front()->link_type;
  PcapngWriter::Buffer out;
  PcapWriter::file_header(out, link_type);
  for (const StoredPacket* packet : ordered) {
    if (packet->link_type != link_type) {
      return several_link_types(link_type, packet->link_type);
    }
    PcapWriter::packet(out, view_of(*packet));
  }
  return out;
}

}  // namespace wireglass
