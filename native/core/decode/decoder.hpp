#pragma once

#include "decode/decoded_packet.hpp"
#include "packet/packet_view.hpp"

namespace wireglass {

/// What a site may set about decoding.
struct DecoderConfig {
  std::uint16_t lisp_data_port = 4341;     ///< RFC 9300 section 4.3
  std::uint16_t lisp_control_port = 4342;  ///< RFC 9301 section 4
};

/// Decodes a packet's headers, outermost to innermost. Every read is bounds-checked against the captured bytes.
class Decoder {
 public:
  explicit Decoder(const DecoderConfig& config = {}) : config_(config) {}

  /// Fills `decoded` from `packet`. On a status other than kOk the layers found so far are still valid (so that a
  /// dissection can show them), but the packet makes no flow. A tunnel whose inside cannot be decoded is no failure:
  /// the packet then counts for the flow of the tunnel's own IP layer.
  void decode(const PacketView& packet, DecodedPacket& decoded) const;

 private:
  DecoderConfig config_;
};

}  // namespace wireglass
