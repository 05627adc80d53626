#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "decode/cursor.hpp"
#include "decode/decoded_packet.hpp"
#include "decode/tunnel_identifier.hpp"
#include "decode/udp_port_table.hpp"
#include "packet/packet_view.hpp"

namespace wireglass {

/// How deep the decoder goes into a packet.
struct DecodeLimits {
  std::uint8_t ip_layers = DecodedPacket::kMaxIpLayers;
  std::uint8_t headers = DecodedPacket::kMaxHeaders;
};

/// What the parse functions of one packet share. A parse function finds the cursor at its header, adds what
/// it found to `decoded`, moves the cursor behind the header and says which protocol stands there.
class DecodeContext {
 public:
  DecodeContext(const PacketView& packet, const UdpPortTable& udp_ports, DecodeLimits limits,
                DecodedPacket& decoded)
      : cursor(packet.bytes()),
        // A file may claim fewer bytes on the wire than it holds; what is held was on the wire.
        wire_end_(std::max(packet.original_length, packet.captured_length)),
        udp_ports_(udp_ports),
        limits_(limits),
        decoded_(decoded) {}

  Cursor cursor;

  DecodedPacket& decoded() { return decoded_; }
  const UdpPortTable& udp_ports() const { return udp_ports_; }
  DecodeLimits limits() const { return limits_; }

  /// Bytes from the cursor to where the packet, or the innermost length field around it, ended on the wire.
  /// More than the cursor has when the snaplen cut the packet.
  std::uint32_t wire_remaining() const { return wire_end_ - cursor.offset(); }

  /// Applies a length field that covers `size` bytes from the cursor on.
  void narrow(std::uint32_t size) {
    if (size >= wire_remaining()) return;
    wire_end_ = cursor.offset() + size;
    cursor.narrow(wire_end_);
  }

  /// Notes a header at the cursor. False, with the status set, when the packet has more than the decoder
  /// follows.
  bool add_header(ProtocolId protocol) {
    if (decoded_.header_count >= limits_.headers || cursor.offset() > UINT16_MAX) {
      decoded_.status = DecodeStatus::kTooDeep;
      return false;
    }
    decoded_.headers[decoded_.header_count++] = {protocol, static_cast<std::uint16_t>(cursor.offset())};
    return true;
  }

  /// Notes a VLAN tag: of the link, or of the frame inside the innermost tunnel.
  void add_vlan(std::uint16_t id) {
    std::uint8_t& count = in_tunnel_ ? decoded_.inner_vlan_count : decoded_.vlan_count;
    auto& ids = in_tunnel_ ? decoded_.inner_vlan_ids : decoded_.vlan_ids;
    if (count < ids.size()) ids[count++] = id;
  }

  /// Ends the decoding.
  ProtocolId refuse(DecodeStatus status) {
    decoded_.status = status;
    return ProtocolId::kEnd;
  }

  /// Ends the decoding because `size` bytes from the cursor on are not all there: the snaplen's doing or the
  /// packet's.
  ProtocolId refuse_short(std::uint32_t size) {
    return refuse(size > wire_remaining() ? DecodeStatus::kMalformed : DecodeStatus::kTruncated);
  }

  /// Ends the decoding behind a header that carries something which is not followed.
  ProtocolId stop_inside(DecodeStatus reason) {
    decoded_.inner_status = reason;
    return ProtocolId::kEnd;
  }

  /// The same because `size` bytes of the tunnel's own header are not all there.
  ProtocolId stop_inside_short(std::uint32_t size) {
    return stop_inside(size > wire_remaining() ? DecodeStatus::kMalformed : DecodeStatus::kTruncated);
  }

  /// Notes that what follows is inside a tunnel that the innermost IP layer carries, or, where there is none
  /// yet, inside a layer 2 service. A second header without an IP layer between (ERSPAN in GRE) says what the
  /// tunnel is more exactly.
  void enter_tunnel(Overlay overlay, std::uint32_t identifier) {
    const auto carrier = static_cast<std::uint8_t>(decoded_.ip_layer_count - 1);
    if (!in_tunnel_ || decoded_.overlay_ip_layer != carrier) {
      outside_ = {decoded_.overlay,
                  decoded_.overlay_ip_layer,
                  decoded_.ip_layer_count,
                  0,
                  decoded_.ethernet_offset,
                  decoded_.tenant_id,
                  decoded_.teid,
                  decoded_.inner_vlan_count,
                  decoded_.inner_vlan_ids};
      decoded_.inner_vlan_count = 0;
      decoded_.inner_vlan_ids = {};
    }
    outside_.header_count = decoded_.header_count;
    in_tunnel_ = true;
    decoded_.overlay = overlay;
    decoded_.overlay_ip_layer = carrier;
    const bool per_direction = has_identifier_per_direction(overlay);
    decoded_.tenant_id = per_direction ? 0 : identifier;
    decoded_.teid = per_direction ? identifier : 0;
    decoded_.payload_bytes = 0;
  }

  /// Forgets the innermost tunnel where no IP layer was found inside or what was found was refused: the
  /// packet then counts for the tunnel's own IP layer. Within a layer 2 service nothing is left to count for.
  void leave_unfollowed_tunnel() {
    if (!in_tunnel_ || outside_.ip_layer_count == 0) return;
    if (decoded_.status != DecodeStatus::kOk) {
      decoded_.inner_status = decoded_.status;
      decoded_.status = DecodeStatus::kOk;
      decoded_.header_count = outside_.header_count;
    } else if (decoded_.ip_layer_count == outside_.ip_layer_count) {
      if (decoded_.inner_status == DecodeStatus::kOk) decoded_.inner_status = DecodeStatus::kNotIp;
    } else {
      return;
    }
    decoded_.overlay = outside_.overlay;
    decoded_.overlay_ip_layer = outside_.overlay_ip_layer;
    decoded_.ip_layer_count = outside_.ip_layer_count;
    decoded_.ethernet_offset = outside_.ethernet_offset;
    decoded_.tenant_id = outside_.tenant_id;
    decoded_.teid = outside_.teid;
    decoded_.inner_vlan_count = outside_.inner_vlan_count;
    decoded_.inner_vlan_ids = outside_.inner_vlan_ids;
    decoded_.tcp.is_whole = false;
    decoded_.payload_bytes = 0;
    decoded_.tcp_flags = 0;
    decoded_.icmp_type_code = 0;
  }

 private:
  struct Outside {
    Overlay overlay = Overlay::kNone;
    std::uint8_t overlay_ip_layer = 0;
    std::uint8_t ip_layer_count = 0;
    std::uint8_t header_count = 0;
    std::uint16_t ethernet_offset = DecodedPacket::kNoEthernet;
    std::uint32_t tenant_id = 0;
    std::uint32_t teid = 0;
    std::uint8_t inner_vlan_count = 0;
    std::array<std::uint16_t, 2> inner_vlan_ids{};
  };

  std::uint32_t wire_end_;
  const UdpPortTable& udp_ports_;
  DecodeLimits limits_;
  DecodedPacket& decoded_;
  bool in_tunnel_ = false;
  Outside outside_;
};

}  // namespace wireglass
