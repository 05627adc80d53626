#pragma once

#include <algorithm>
#include <cstdint>

#include "decode/cursor.hpp"
#include "decode/decoded_packet.hpp"
#include "decode/udp_port_table.hpp"
#include "packet/packet_view.hpp"

namespace wireglass {

/// What the parse functions of one packet share. A parse function finds the cursor at its header, adds what
/// it found to `decoded`, moves the cursor behind the header and says which protocol stands there.
class DecodeContext {
 public:
  DecodeContext(const PacketView& packet, const UdpPortTable& udp_ports, DecodedPacket& decoded)
      : cursor(packet.bytes()),
        // A file may claim fewer bytes on the wire than it holds; what is held was on the wire.
        wire_end_(std::max(packet.original_length, packet.captured_length)),
        udp_ports_(udp_ports),
        decoded_(decoded) {}

  Cursor cursor;

  DecodedPacket& decoded() { return decoded_; }
  const UdpPortTable& udp_ports() const { return udp_ports_; }

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
    if (decoded_.header_count == DecodedPacket::kMaxHeaders || cursor.offset() > UINT16_MAX) {
      decoded_.status = DecodeStatus::kTooDeep;
      return false;
    }
    decoded_.headers[decoded_.header_count++] = {protocol, static_cast<std::uint16_t>(cursor.offset())};
    return true;
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

  /// Notes that what follows is inside a tunnel that the innermost IP layer carries. Of headers that follow
  /// each other with no IP header between (VXLAN-GPE, NSH) the first one names the tunnel and its tenant.
  void enter_tunnel(Overlay overlay, std::uint32_t tenant_id) {
    if (stands_in_tunnel()) return;
    outside_ = {decoded_.overlay,      decoded_.overlay_ip_layer, decoded_.ip_layer_count,
                decoded_.header_count, decoded_.ethernet_offset,  decoded_.tenant_id,
                decoded_.teid};
    in_tunnel_ = true;
    decoded_.overlay = overlay;
    decoded_.overlay_ip_layer = decoded_.ip_layer_count - 1;
    decoded_.tenant_id = tenant_id;
    decoded_.teid = 0;
    decoded_.payload_bytes = 0;
  }

  /// Forgets the innermost tunnel where its inside was refused or has no IP header (ARP): the packet then
  /// counts for the tunnel's own IP layer. The headers of an inside that was only not IP stay known.
  void leave_refused_tunnel() {
    if (!in_tunnel_) return;
    if (decoded_.status == DecodeStatus::kOk) {
      if (!stands_in_tunnel()) return;
      outside_.header_count = decoded_.header_count;
    }
    decoded_.status = DecodeStatus::kOk;
    decoded_.overlay = outside_.overlay;
    decoded_.overlay_ip_layer = outside_.overlay_ip_layer;
    decoded_.ip_layer_count = outside_.ip_layer_count;
    decoded_.header_count = outside_.header_count;
    decoded_.ethernet_offset = outside_.ethernet_offset;
    decoded_.tenant_id = outside_.tenant_id;
    decoded_.teid = outside_.teid;
    decoded_.tcp.is_whole = false;
    decoded_.payload_bytes = 0;
    decoded_.tcp_flags = 0;
    decoded_.icmp_type_code = 0;
  }

 private:
  /// Whether a tunnel was entered and no IP header found in it so far.
  bool stands_in_tunnel() const {
    return in_tunnel_ && decoded_.overlay_ip_layer + 1 == decoded_.ip_layer_count;
  }

  struct Outside {
    Overlay overlay = Overlay::kNone;
    std::uint8_t overlay_ip_layer = 0;
    std::uint8_t ip_layer_count = 0;
    std::uint8_t header_count = 0;
    std::uint16_t ethernet_offset = DecodedPacket::kNoEthernet;
    std::uint32_t tenant_id = 0;
    std::uint32_t teid = 0;
  };

  std::uint32_t wire_end_;
  const UdpPortTable& udp_ports_;
  DecodedPacket& decoded_;
  bool in_tunnel_ = false;
  Outside outside_;
};

}  // namespace wireglass
