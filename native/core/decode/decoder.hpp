#pragma once

#include "decode/decode_context.hpp"
#include "decode/decoded_packet.hpp"
#include "decode/decoder_config.hpp"
#include "decode/udp_port_table.hpp"
#include "packet/packet_view.hpp"

namespace wireglass {

/// Decodes a packet's headers, outermost to innermost. Every read is bounds-checked against the captured
/// bytes.
class Decoder {
 public:
  explicit Decoder(const DecoderConfig& config = {});

  /// Fills `decoded` from `packet`. On a status other than kOk the layers found so far are still valid (so
  /// that a dissection can show them), but the packet makes no flow. A tunnel whose inside cannot be decoded
  /// is no failure: the packet then counts for the flow of the tunnel's own IP layer.
  void decode(const PacketView& packet, DecodedPacket& decoded) const;

  /// The same for a packet that stands inside another one's bytes: from `offset` on, beginning with `first`.
  /// What a message quotes is no layer of the packet that carries it; this shows it to people.
  void decode_from(const PacketView& packet, std::uint32_t offset, ProtocolId first,
                   DecodedPacket& decoded) const;

  const UdpPortTable& udp_ports() const { return udp_ports_; }

 private:
  UdpPortTable udp_ports_;
  DecodeLimits limits_;
};

}  // namespace wireglass
