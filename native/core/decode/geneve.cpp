#include "decode/geneve.hpp"

#include <string>

#include "decode/ethertype.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kHeaderBytes = 8;  // without options
constexpr std::uint32_t kOptionHeaderBytes = 4;
constexpr std::uint16_t kTransparentEthernetBridging = 0x6558;

std::uint32_t option_bytes(std::uint64_t option_header) {
  return kOptionHeaderBytes + (option_header & 0x1f) * 4;
}

// The lengths of all options must add up to the header's (RFC 8926 section 3.5).
bool options_fit(const Cursor& cursor, std::uint32_t at, std::uint32_t end) {
  while (at < end) {
    std::uint64_t option = 0;
    if (!cursor.read_at(at, kOptionHeaderBytes, option)) return false;
    at += option_bytes(option);
  }
  return at == end;
}

}  // namespace

ProtocolId parse_geneve(DecodeContext& context) {
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!header || header.u8<0>() >> 6 != 0) return ProtocolId::kEnd;  // version
  const std::uint32_t header_bytes = kHeaderBytes + (header.u8<0>() & 0x3f) * 4U;
  const std::uint32_t at = context.cursor.offset();
  if (!options_fit(context.cursor, at + kHeaderBytes, at + header_bytes)) return ProtocolId::kEnd;
  if (!context.add_header(ProtocolId::kGeneve)) return ProtocolId::kEnd;
  const std::uint16_t type = header.u16<2>();
  const ProtocolId next =
      type == kTransparentEthernetBridging ? ProtocolId::kEthernet : protocol_of_ethertype(type);
  if (next == ProtocolId::kEnd || !context.cursor.skip(header_bytes)) return ProtocolId::kEnd;
  context.enter_tunnel(Overlay::kGeneve, header.u32<4>() >> 8);
  return next;
}

void describe_geneve(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "geneve", offset);
  header.bits("version", 0, 1, 6, 2);
  header.bits("options_length", 0, 1, 0, 6);
  header.bits("flag_control", 1, 1, 7);
  header.bits("flag_critical_options", 1, 1, 6);
  header.hex("protocol_type", 2, 2);
  header.number("vni", 4, 3);
  header.extend(kHeaderBytes);
  std::uint64_t first = 0;
  if (!header.read(0, 1, first)) return;
  const std::uint32_t end = kHeaderBytes + (first & 0x3f) * 4;
  for (std::uint32_t at = kHeaderBytes; at < end;) {
    std::uint64_t option = 0;
    if (!header.read(at, kOptionHeaderBytes, option)) return;
    const std::uint32_t size = option_bytes(option);
    const std::string name =
        "option_" + std::to_string(option >> 16) + "_" + std::to_string(option >> 8 & 0xff);
    header.blob(name, at, size);
    at += size;
  }
  header.extend(end);
}

}  // namespace wireglass
