#include "decode/decoder.hpp"

#include <algorithm>

#include "decode/protocol_table.hpp"

namespace wireglass {
namespace {

std::uint8_t clamped(std::uint8_t limit, std::size_t most) {
  return static_cast<std::uint8_t>(std::clamp<std::size_t>(limit, 1, most));
}

}  // namespace

Decoder::Decoder(const DecoderConfig& config)
    : udp_ports_(config.udp_ports),
      limits_{clamped(config.max_ip_layers, DecodedPacket::kMaxIpLayers),
              clamped(config.max_headers, DecodedPacket::kMaxHeaders)} {}

void Decoder::decode(const PacketView& packet, DecodedPacket& decoded) const {
  const ProtocolId first = protocol_of_link_type(packet.link_type);
  decode_from(packet, 0, first, decoded);
  if (first == ProtocolId::kEnd) decoded.status = DecodeStatus::kLinkTypeUnsupported;
}

void Decoder::decode_from(const PacketView& packet, std::uint32_t offset, ProtocolId first,
                          DecodedPacket& decoded) const {
  // Only counts and what is not written with a layer: the arrays are valid below their counts.
  decoded.status = DecodeStatus::kOk;
  decoded.inner_status = DecodeStatus::kOk;
  decoded.ip_layer_count = 0;
  decoded.header_count = 0;
  decoded.vlan_count = 0;
  decoded.inner_vlan_count = 0;
  decoded.inner_vlan_ids = {};
  decoded.overlay = Overlay::kNone;
  decoded.overlay_ip_layer = 0;
  decoded.tenant_id = 0;
  decoded.teid = 0;
  decoded.ethernet_offset = DecodedPacket::kNoEthernet;
  decoded.tcp.is_whole = false;
  decoded.payload_bytes = 0;
  decoded.tcp_flags = 0;
  decoded.has_fragments = false;
  decoded.icmp_type_code = 0;

  DecodeContext context(packet, udp_ports_, limits_, decoded);
  if (!context.cursor.skip(offset)) {
    context.refuse_short(offset);
    return;
  }
  decode_headers(context, first);
}

void decode_headers(DecodeContext& context, ProtocolId first) {
  for (ProtocolId next = first; next != ProtocolId::kEnd;) {
    next = protocol_row(next).parse(context);
  }
  context.leave_unfollowed_tunnel();
  DecodedPacket& decoded = context.decoded();
  if (decoded.status == DecodeStatus::kOk && decoded.ip_layer_count == 0) {
    decoded.status = DecodeStatus::kNotIp;
  }
}

}  // namespace wireglass
