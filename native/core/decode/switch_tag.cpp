#include "decode/switch_tag.hpp"

#include "decode/ethertype.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kAddressBytes = 12;
constexpr std::uint32_t kShortTagBytes = 4;
constexpr std::uint32_t kEdsaTagBytes = 8;
// Of a DSA tag's first two octets and last two, in the modes that carry a frame's VLAN.
constexpr std::uint8_t kTagged = 0x20;
constexpr std::uint16_t kVlanIdMask = 0x0fff;

template <std::uint32_t TagBytes, bool IsDsa>
ProtocolId parse(DecodeContext& context, ProtocolId self) {
  constexpr std::uint32_t kHeaderBytes = kAddressBytes + TagBytes + 2;
  constexpr std::uint32_t kDsaTag = kAddressBytes + TagBytes - 4;
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!context.add_header(self)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kHeaderBytes);
  context.decoded().ethernet_offset = static_cast<std::uint16_t>(context.cursor.offset());
  if (IsDsa && (header.template u8<kDsaTag>() & kTagged) != 0) {
    context.add_vlan(header.template u16<kDsaTag + 2>() & kVlanIdMask);
  }
  context.cursor.skip(kHeaderBytes);
  return protocol_of_type_or_length(context, header.template u16<kHeaderBytes - 2>());
}

void describe(Dissector& dissector, std::string_view name, std::uint32_t offset, std::uint32_t tag_bytes,
              bool is_dsa) {
  HeaderWriter header(dissector, name, offset);
  header.mac("dst_mac", 0);
  header.mac("src_mac", 6);
  if (is_dsa) {
    const std::uint32_t tag = kAddressBytes + tag_bytes - 4;
    if (tag_bytes == kEdsaTagBytes) header.hex("tag_ethertype", kAddressBytes, 2);
    header.bits("mode", tag, 1, 6, 2);
    header.bits("tagged", tag, 1, 5);
    header.bits("device", tag, 1, 0, 5);
    header.bits("port", tag + 1, 1, 3, 5);
    header.bits("vlan_id", tag + 2, 2, 0, 12);
  } else {
    header.hex("tag", kAddressBytes, tag_bytes);
  }
  describe_type_or_length(dissector, header, kAddressBytes + tag_bytes);
}

}  // namespace

ProtocolId parse_broadcom_tag(DecodeContext& context) {
  return parse<kShortTagBytes, false>(context, ProtocolId::kBroadcomTag);
}
void describe_broadcom_tag(Dissector& dissector, std::uint32_t offset) {
  describe(dissector, "ethernet_broadcom_tag", offset, kShortTagBytes, false);
}

ProtocolId parse_dsa_tag(DecodeContext& context) {
  return parse<kShortTagBytes, true>(context, ProtocolId::kDsaTag);
}
void describe_dsa_tag(Dissector& dissector, std::uint32_t offset) {
  describe(dissector, "ethernet_dsa_tag", offset, kShortTagBytes, true);
}

ProtocolId parse_edsa_tag(DecodeContext& context) {
  return parse<kEdsaTagBytes, true>(context, ProtocolId::kEdsaTag);
}
void describe_edsa_tag(Dissector& dissector, std::uint32_t offset) {
  describe(dissector, "ethernet_edsa_tag", offset, kEdsaTagBytes, true);
}

}  // namespace wireglass
