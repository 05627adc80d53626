#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "decode/dissection.hpp"

namespace {

using namespace wireglass;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_decoded(const PacketView& packet, const DecodedPacket& decoded) {
  require(decoded.ip_layer_count <= DecodedPacket::kMaxIpLayers);
  require(decoded.header_count <= DecodedPacket::kMaxHeaders);
  require(decoded.vlan_count <= decoded.vlan_ids.size());
  require(decoded.inner_vlan_count <= decoded.inner_vlan_ids.size());
  require(decoded.status != DecodeStatus::kOk || decoded.ip_layer_count > 0);
  require(decoded.status != DecodeStatus::kOk || decoded.overlay == Overlay::kNone ||
          decoded.overlay_ip_layer == DecodedPacket::kNoIpLayer ||
          decoded.overlay_ip_layer + 1 < decoded.ip_layer_count);
  for (const IpLayer& layer : std::span(decoded.ip_layers).first(decoded.ip_layer_count)) {
    // The digest reads the addresses without asking again.
    require(layer.version == 4 || layer.version == 6);
    require(layer.offset + (layer.version == 4 ? 20U : 40U) <= layer.transport_offset);
    require(layer.transport_offset + (layer.has_ports ? 4U : 0U) <= packet.captured_length);
    require(!layer.is_later_fragment || (layer.is_fragment && !layer.has_ports));
  }
}

void check_dissection(const PacketView& packet) {
  for (const DissectedHeader& header : dissect(Decoder(), packet)) {
    require(header.offset + header.length <= packet.captured_length);
    for (const DissectedField& field : header.fields) {
      require(field.offset >= header.offset);
      require(field.offset + field.length <= header.offset + header.length);
    }
  }
}

}  // namespace

// The first two bytes are the link type, as far as the registry goes, the third how much of the packet the
// snaplen cut off; the rest is the packet.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint16_t kRegistryEnd = 300;
  if (size < 3) return 0;
  const auto bytes = std::as_bytes(std::span(data, size).subspan(3));
  PacketView packet;
  packet.data = bytes.data();
  packet.captured_length = static_cast<std::uint32_t>(bytes.size());
  packet.original_length = packet.captured_length + (data[2] == 255 ? 100'000U : data[2]);
  packet.link_type = link_type_of((data[0] << 8 | data[1]) % kRegistryEnd);

  static DecodedPacket decoded;  // reused from input to input, as a worker does
  Decoder().decode(packet, decoded);
  check_decoded(packet, decoded);
  check_dissection(packet);
  return 0;
}
