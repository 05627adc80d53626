#pragma once

#include <array>
#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// Rows of who follows whom by EtherType (IEEE 802 numbers).
struct EthertypeRow {
  std::uint16_t ethertype = 0;
  ProtocolId protocol = ProtocolId::kEnd;
};
inline constexpr std::array<EthertypeRow, 23> kEthertypes = {{
    {0x0800, ProtocolId::kIpv4},
    {0x86dd, ProtocolId::kIpv6},
    {0x8100, ProtocolId::kVlan},  // IEEE 802.1Q
    {0x88a8, ProtocolId::kVlan},  // IEEE 802.1ad
    {0x8847, ProtocolId::kMpls},  // RFC 5332: a label assigned downstream
    {0x8864, ProtocolId::kPppoe},
    {0x9100, ProtocolId::kVlan},  // this and the next two: before 802.1ad, still in use for outer tags
    {0x9200, ProtocolId::kVlan},
    {0x9300, ProtocolId::kVlan},
    {0x8848, ProtocolId::kMpls},  // RFC 5332: a label assigned upstream
    {0x88e5, ProtocolId::kMacsec},
    {0x88e7, ProtocolId::kPbb},
    {0x894f, ProtocolId::kNsh},
    {0x8926, ProtocolId::kVnTag},
    {0x893f, ProtocolId::kETag},
    {0xf1c1, ProtocolId::kRTag},
    {0x892f, ProtocolId::kHsrTag},
    {0x8909, ProtocolId::kCiscoMetadata},
    {0xd28b, ProtocolId::kAristaTimestamp},
    {0x8903, ProtocolId::kFabricPath},
    {0x22f3, ProtocolId::kTrill},
    {0x6558, ProtocolId::kEthernet},  // transparent Ethernet bridging
    {0x8870, ProtocolId::kLlc},       // LLC in frames of more octets than a length field may tell
}};

/// The same rows, each at its own place by a hash without collisions, so that any EtherType costs one look.
struct EthertypeSlots {
  static constexpr std::size_t kSlots = 128;
  std::uint16_t factor = 0;
  std::array<EthertypeRow, kSlots> rows{};

  static constexpr std::size_t slot_of(std::uint16_t ethertype, std::uint16_t factor) {
    return static_cast<std::uint16_t>(ethertype * factor) / (65'536 / kSlots);
  }

  /// Puts all rows in their places; false where two of them have the same.
  constexpr bool fill(std::uint16_t with_factor) {
    factor = with_factor;
    rows = {};
    for (const EthertypeRow& row : kEthertypes) {
      EthertypeRow& slot = rows[slot_of(row.ethertype, factor)];
      if (slot.protocol != ProtocolId::kEnd) return false;
      slot = row;
    }
    return true;
  }
};
inline constexpr EthertypeSlots kEthertypeSlots = [] {
  EthertypeSlots slots;
  for (std::uint16_t factor = 1; factor < 10'000; factor += 2) {
    if (slots.fill(factor)) return slots;
  }
  return EthertypeSlots{};
}();
static_assert(kEthertypeSlots.factor != 0, "no factor places all rows; enlarge kSlots");

inline ProtocolId protocol_of_ethertype(std::uint16_t ethertype) {
  const EthertypeRow& row = kEthertypeSlots.rows[EthertypeSlots::slot_of(ethertype, kEthertypeSlots.factor)];
  return row.ethertype == ethertype ? row.protocol : ProtocolId::kEnd;
}

/// Up to kMaxLength the field is the length of an IEEE 802.3 frame and LLC follows; from kFirstEthertype on
/// it is an EtherType (IEEE 802.3 section 3.2.6). What lies between has no meaning.
inline constexpr std::uint16_t kMaxLength = 1500;
inline constexpr std::uint16_t kFirstEthertype = 0x0600;

/// What follows an EtherType-or-length field that ends at the cursor.
inline ProtocolId protocol_of_type_or_length(DecodeContext& context, std::uint16_t type_or_length) {
  if (type_or_length >= kFirstEthertype) return protocol_of_ethertype(type_or_length);
  if (type_or_length > kMaxLength) return ProtocolId::kEnd;
  context.narrow(type_or_length);
  return ProtocolId::kLlc;
}

/// Describes that field, and applies it where it is a length.
void describe_type_or_length(Dissector& dissector, HeaderWriter& header, std::uint32_t at);

}  // namespace wireglass
