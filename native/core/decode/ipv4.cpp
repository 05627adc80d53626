#include "decode/ipv4.hpp"

#include "decode/ip_extensions.hpp"
#include "decode/ip_layer.hpp"

namespace wireglass {
namespace {
constexpr std::uint32_t kHeaderBytes = 20;  // without options
constexpr std::uint16_t kMoreFragments = 0x2000;
constexpr std::uint16_t kFragmentOffsetMask = 0x1fff;
}  // namespace

ProtocolId parse_ipv4(DecodeContext& context) {
  IpLayer* layer = new_ip_layer(context, ProtocolId::kIpv4);
  if (layer == nullptr) return ProtocolId::kEnd;
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!header) return context.refuse_short(kHeaderBytes);
  const std::uint8_t version_and_length = header.u8<0>();
  const std::uint32_t header_bytes = (version_and_length & 0x0f) * 4U;
  if (version_and_length >> 4 != 4 || header_bytes < kHeaderBytes) {
    return context.refuse(DecodeStatus::kMalformed);
  }
  // 0: the sender's network card was to cut the packet up and fill the length in; it is as long as its frame.
  const std::uint16_t total_length = header.u16<2>();
  const std::uint32_t ip_bytes = total_length != 0 ? total_length : context.wire_remaining();
  if (ip_bytes < header_bytes) return context.refuse(DecodeStatus::kMalformed);
  // A length beyond the frame is metered as it stands; reads end with the captured bytes all the same.
  context.narrow(ip_bytes);
  if (!context.cursor.skip(header_bytes)) return context.refuse_short(header_bytes);

  const std::uint16_t fragment = header.u16<6>();
  layer->version = 4;
  layer->protocol = header.u8<9>();
  layer->ttl = header.u8<8>();
  layer->dscp = header.u8<1>() >> 2;
  layer->identification = header.u16<4>();
  layer->ip_bytes = ip_bytes;
  layer->is_later_fragment = (fragment & kFragmentOffsetMask) != 0;
  layer->is_fragment = (fragment & (kFragmentOffsetMask | kMoreFragments)) != 0;
  if (layer->protocol == kAuthenticationHeader && !layer->is_later_fragment &&
      !skip_extensions(context, kIpv4Extensions, layer->protocol, *layer)) {
    return ProtocolId::kEnd;
  }
  return enter_upper_layer(context, *layer);
}

void describe_ipv4(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "ipv4", offset);
  std::uint64_t start = 0;
  if (!header.read(0, 4, start)) return;
  const std::uint32_t header_bytes = (start >> 24 & 0x0f) * 4;
  if (const std::uint32_t total_length = start & 0xffff; total_length != 0) {
    dissector.narrow(std::uint64_t{offset} + total_length);
  }
  header.bits("version", 0, 1, 4, 4);
  header.bits("header_length", 0, 1, 0, 4);
  header.bits("dscp", 1, 1, 2, 6);
  header.bits("ecn", 1, 1, 0, 2);
  header.number("total_length", 2, 2);
  header.hex("identification", 4, 2);
  header.bits("flag_dont_fragment", 6, 2, 14);
  header.bits("flag_more_fragments", 6, 2, 13);
  header.bits("fragment_offset", 6, 2, 0, 13);
  header.number("time_to_live", 8, 1);
  header.number("protocol", 9, 1);
  header.hex("header_checksum", 10, 2);
  header.ipv4("src_addr", 12);
  header.ipv4("dst_addr", 16);
  if (header_bytes > kHeaderBytes) header.blob("options", kHeaderBytes, header_bytes - kHeaderBytes);
  header.extend(header_bytes);
  std::uint64_t fragment = 0;
  std::uint64_t protocol = 0;
  if (header.read(6, 2, fragment) && (fragment & kFragmentOffsetMask) == 0 && header.read(9, 1, protocol)) {
    describe_extensions(dissector, kIpv4Extensions, static_cast<std::uint8_t>(protocol),
                        offset + header_bytes);
  }
}

}  // namespace wireglass
