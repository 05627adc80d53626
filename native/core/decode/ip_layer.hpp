#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/protocol_table.hpp"

namespace wireglass {

/// The next free IP layer, not yet counted, with the cursor at its header; null, with the status set, when
/// the packet has more than the decoder follows.
inline IpLayer* new_ip_layer(DecodeContext& context, ProtocolId protocol) {
  DecodedPacket& decoded = context.decoded();
  if (decoded.ip_layer_count >= context.limits().ip_layers) {
    context.refuse(DecodeStatus::kTooDeep);
    return nullptr;
  }
  if (!context.add_header(protocol)) return nullptr;
  IpLayer& layer = decoded.ip_layers[decoded.ip_layer_count];
  layer.offset = static_cast<std::uint16_t>(context.cursor.offset());
  layer.src_port = 0;
  layer.dst_port = 0;
  layer.has_ports = false;
  layer.overlay = decoded.overlay;
  layer.tunnel_id = decoded.tunnel_id();
  layer.inner_vlan_ids = decoded.inner_vlan_ids;
  layer.has_segment_routing = false;
  return &layer;
}

/// Reads the ports that stand at the cursor into the packet's innermost layer. False when they are not there:
/// the status is then set, but for a fragment, which is keyed without.
inline bool read_ports(DecodeContext& context) {
  DecodedPacket& decoded = context.decoded();
  IpLayer& layer = decoded.ip_layers[decoded.ip_layer_count - 1];
  const auto ports = context.cursor.peek<4>();
  if (!ports) {
    const bool ends_on_wire = context.wire_remaining() < 4;
    if (!(layer.is_fragment && ends_on_wire)) context.refuse_short(4);
    return false;
  }
  layer.src_port = ports.u16<0>();
  layer.dst_port = ports.u16<2>();
  layer.has_ports = true;
  return true;
}

/// Counts the layer, whose header and extension headers the cursor has passed, and says who follows.
inline ProtocolId enter_upper_layer(DecodeContext& context, IpLayer& layer) {
  if (context.cursor.offset() > UINT16_MAX) return context.refuse(DecodeStatus::kTooDeep);
  layer.transport_offset = static_cast<std::uint16_t>(context.cursor.offset());
  ++context.decoded().ip_layer_count;
  context.decoded().has_fragments |= layer.is_fragment;
  if (layer.is_later_fragment) return ProtocolId::kEnd;
  const IpProtocolRow& row = kIpProtocols[layer.protocol];
  if (row.protocol == ProtocolId::kEnd && row.has_ports) read_ports(context);
  return row.protocol;
}

}  // namespace wireglass
