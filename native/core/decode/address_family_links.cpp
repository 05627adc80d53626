#include "decode/address_family_links.hpp"

#include <string>

#include "decode/address_family.hpp"

namespace wireglass {
namespace {
constexpr std::uint32_t kEncBytes = 12;  // family, security parameter index, flags
constexpr std::uint32_t kPflogFixedBytes = 4;
constexpr std::uint32_t kPflogAlignment = 4;
constexpr std::uint32_t kIpnetBytes = 24;
}  // namespace

ProtocolId parse_enc(DecodeContext& context) {
  const auto header = context.cursor.peek<kEncBytes>();
  if (!context.add_header(ProtocolId::kEnc)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kEncBytes);
  context.cursor.skip(kEncBytes);
  return protocol_of_family(family_of(header.u32<0>()));
}

void describe_enc(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "enc", offset);
  std::uint64_t family = 0;
  if (!header.read(0, 4, family)) return;
  header.text("family", 0, 4, std::to_string(family_of(static_cast<std::uint32_t>(family))));
  header.hex("spi", 4, 4);
  header.hex("flags", 8, 4);
}

ProtocolId parse_pflog(DecodeContext& context) {
  const auto header = context.cursor.peek<kPflogFixedBytes>();
  if (!context.add_header(ProtocolId::kPflog)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kPflogFixedBytes);
  // The length is that of the fields; the packet begins at the next word.
  const std::uint32_t size = (header.u8<0>() + kPflogAlignment - 1) / kPflogAlignment * kPflogAlignment;
  if (size < kPflogFixedBytes) return context.refuse(DecodeStatus::kMalformed);
  if (!context.cursor.skip(size)) return context.refuse_short(size);
  return protocol_of_family(header.u8<1>());
}

void describe_pflog(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "pflog", offset);
  header.number("header_length", 0, 1);
  header.number("family", 1, 1);
  header.number("action", 2, 1);
  header.number("reason", 3, 1);
  std::uint64_t length = 0;
  if (!header.read(0, 1, length)) return;
  header.extend((static_cast<std::uint32_t>(length) + kPflogAlignment - 1) / kPflogAlignment *
                kPflogAlignment);
}

ProtocolId parse_ipnet(DecodeContext& context) {
  const auto header = context.cursor.peek<kIpnetBytes>();
  if (!context.add_header(ProtocolId::kIpnet)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kIpnetBytes);
  context.cursor.skip(kIpnetBytes);
  return protocol_of_family(header.u8<1>());
}

void describe_ipnet(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "ipnet", offset);
  header.number("version", 0, 1);
  header.number("family", 1, 1);
  header.number("hook_type", 2, 2);
  header.number("packet_length", 4, 4);
  header.number("interface_index", 8, 4);
  header.number("group_interface_index", 12, 4);
  header.number("source_zone", 16, 4);
  header.number("destination_zone", 20, 4);
}

}  // namespace wireglass
