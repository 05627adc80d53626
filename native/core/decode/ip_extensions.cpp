#include "decode/ip_extensions.hpp"

namespace wireglass {
namespace {

// Every extension header has its next header, its length and its first fields in these.
constexpr std::uint32_t kFirstBytes = 8;
constexpr std::uint16_t kFragmentOffsetMask = 0xfff8;
constexpr std::uint16_t kMoreFragments = 0x0001;
constexpr std::uint8_t kRoutingHeader = 43;
constexpr std::uint8_t kSegmentRouting = 4;  // RFC 8754 section 2

std::uint32_t extension_bytes(ExtensionKind kind, std::uint32_t length_field) {
  switch (kind) {
    case ExtensionKind::kEightOctets:
      return (length_field + 1) * 8;
    case ExtensionKind::kAuthentication:
      return (length_field + 2) * 4;
    default:
      return kFirstBytes;
  }
}

// A first fragment may end inside the chain (RFC 7112 forbids it, senders exist): its key has no ports, as
// that of the later fragments.
bool ends_first_fragment(const DecodeContext& context, const IpLayer& layer, std::uint32_t size) {
  return layer.is_fragment && size > context.wire_remaining();
}

std::string_view extension_name(std::uint8_t number) {
  switch (number) {
    case 0:
      return "ipv6_hop_by_hop";
    case 43:
      return "ipv6_routing";
    case 44:
      return "ipv6_fragment";
    case kAuthenticationHeader:
      return "authentication_header";
    case 60:
      return "ipv6_destination_options";
    case 135:
      return "mobility";
    case 139:
      return "hip";
    default:
      return "shim6";
  }
}

void describe_extension(HeaderWriter& header, std::uint8_t number, std::uint32_t size) {
  header.number("next_header", 0, 1);
  if (number != 44) header.number("header_extension_length", 1, 1);
  switch (number) {
    case 43:
      header.number("routing_type", 2, 1);
      header.number("segments_left", 3, 1);
      header.blob("type_specific_data", 4, size - 4);
      break;
    case 44:
      header.bits("fragment_offset", 2, 2, 3, 13);
      header.bits("flag_more_fragments", 2, 2, 0);
      header.hex("identification", 4, 4);
      break;
    case kAuthenticationHeader:
      header.hex("spi", 4, 4);
      header.number("sequence_number", 8, 4);
      if (size > 12) header.blob("integrity_check_value", 12, size - 12);
      break;
    case 135:
      header.number("mobility_type", 2, 1);
      header.hex("checksum", 4, 2);
      break;
    case 0:
    case 60:
      header.blob("options", 2, size - 2);
      break;
    default:
      break;
  }
  header.extend(size);
}

}  // namespace

bool skip_extensions(DecodeContext& context, const ExtensionKinds& kinds, std::uint8_t next_header,
                     IpLayer& layer) {
  layer.protocol = next_header;
  for (std::uint32_t count = 0; kinds[layer.protocol] != ExtensionKind::kNone; ++count) {
    if (count == kMaxExtensionHeaders) {
      context.refuse(DecodeStatus::kTooDeep);
      return false;
    }
    const auto header = context.cursor.peek<kFirstBytes>();
    if (!header) {
      if (ends_first_fragment(context, layer, kFirstBytes)) return true;
      context.refuse_short(kFirstBytes);
      return false;
    }
    const ExtensionKind kind = kinds[layer.protocol];
    const std::uint32_t size = extension_bytes(kind, header.u8<1>());
    if (!context.cursor.skip(size)) {
      if (ends_first_fragment(context, layer, size)) return true;
      context.refuse_short(size);
      return false;
    }
    if (layer.protocol == kRoutingHeader && header.u8<2>() == kSegmentRouting)
      layer.has_segment_routing = true;
    layer.protocol = header.u8<0>();
    if (kind == ExtensionKind::kFragment) {
      const std::uint16_t offset_and_flags = header.u16<2>();
      layer.identification = header.u32<4>();
      layer.is_later_fragment = (offset_and_flags & kFragmentOffsetMask) != 0;
      layer.is_fragment = layer.is_later_fragment || (offset_and_flags & kMoreFragments) != 0;
      if (layer.is_later_fragment) return true;
    }
  }
  return true;
}

void describe_extensions(Dissector& dissector, const ExtensionKinds& kinds, std::uint8_t next_header,
                         std::uint32_t offset) {
  std::uint8_t number = next_header;
  for (std::uint32_t count = 0; count < kMaxExtensionHeaders; ++count) {
    const ExtensionKind kind = kinds[number];
    std::uint64_t start = 0;
    if (kind == ExtensionKind::kNone || !dissector.bytes().read_at(offset, 4, start)) return;
    const std::uint32_t size = extension_bytes(kind, start >> 16 & 0xff);
    HeaderWriter header(dissector, extension_name(number), offset);
    describe_extension(header, number, size);
    const bool is_later_fragment = kind == ExtensionKind::kFragment && (start & kFragmentOffsetMask) != 0;
    if (is_later_fragment) return;
    number = start >> 24 & 0xff;
    offset += size;
  }
}

}  // namespace wireglass
