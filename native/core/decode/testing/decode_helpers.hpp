#pragma once

#include <vector>

#include "decode/decoder.hpp"
#include "decode/testing/packet_builder.hpp"

namespace wireglass::testing {

/// Decodes with the default ports into a record full of what an earlier packet may have left there.
inline DecodedPacket decode(const PacketView& packet) {
  DecodedPacket decoded;
  decoded.status = DecodeStatus::kTooDeep;
  decoded.inner_status = DecodeStatus::kTooDeep;
  decoded.ip_layer_count = DecodedPacket::kMaxIpLayers;
  decoded.header_count = DecodedPacket::kMaxHeaders;
  decoded.vlan_count = 2;
  decoded.overlay = Overlay::kGtpU;
  decoded.overlay_ip_layer = 3;
  decoded.tenant_id = 4711;
  decoded.tcp_flags = 0xff;
  decoded.icmp_type_code = 0xffff;
  for (IpLayer& layer : decoded.ip_layers) layer = {9, 9, 9, 9, 9, 9, 9, true, true, true};
  Decoder().decode(packet, decoded);
  return decoded;
}

inline DecodedPacket decode(const PacketBuilder& builder, LinkType link_type = LinkType::kEthernet) {
  return decode(view_of(builder.bytes(), link_type));
}

/// The same with only the first `captured_length` bytes captured, in memory of just that size, so that a
/// sanitizer sees any read behind them.
inline DecodedPacket decode_cut(const PacketBuilder& builder, std::size_t captured_length,
                                LinkType link_type = LinkType::kEthernet) {
  const std::vector<std::byte> captured(builder.bytes().begin(), builder.bytes().begin() + captured_length);
  PacketView packet = view_of(captured, link_type);
  packet.original_length = builder.size();
  return decode(packet);
}

}  // namespace wireglass::testing
