#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "decode/decoded_packet.hpp"
#include "packet/ip_address.hpp"
#include "packet/packet_view.hpp"

namespace wireglass {

/// What a filter looks at. The views live as long as the call.
struct FilteredPacket {
  const PacketView& view;
  const DecodedPacket& decoded;
  std::string_view interface;  ///< name of the interface that captured it
};

/// Which headers a condition reads. Without a tunnel they are the same.
enum class FilterLayer : std::uint8_t { kInner, kOuter };

enum class FieldKind : std::uint8_t { kNumber, kAddress, kText };

/// Whether a field can be asked of the outermost headers.
enum class FieldPlace : std::uint8_t {
  kPacket,     ///< one per packet, whatever its headers
  kLayer,      ///< each IP or Ethernet header has its own
  kInnermost,  ///< known of the innermost headers only
};

using NumberReader = std::optional<std::int64_t> (*)(const FilteredPacket&, FilterLayer);
using AddressReader = std::optional<IpAddress> (*)(const FilteredPacket&, FilterLayer);
using TextReader = std::string_view (*)(const FilteredPacket&);

/// A field that filters compare. Its reader gives nothing where the packet has no such header: no comparison
/// holds then. Fields that a flow record has as well read 0 where a packet has the header without the value,
/// as the record does.
struct PacketField {
  std::string_view name;
  FieldKind kind = FieldKind::kNumber;
  FieldPlace place = FieldPlace::kPacket;
  NumberReader number = nullptr;
  AddressReader address = nullptr;
  TextReader text = nullptr;
};

std::span<const PacketField> packet_fields();

/// Null where no field has the name.
const PacketField* find_packet_field(std::string_view name);

/// Null where the packet has no IP header that could be decoded.
inline const IpLayer* layer_of(const DecodedPacket& decoded, FilterLayer layer) {
  if (decoded.ip_layer_count == 0) return nullptr;
  return layer == FilterLayer::kOuter ? decoded.ip_layers.data() : &decoded.flow_layer();
}

}  // namespace wireglass
