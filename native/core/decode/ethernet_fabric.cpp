#include "decode/ethernet_fabric.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kFabricPathBytes = 2;  // behind the EtherType that announces the header
constexpr std::uint32_t kTrillBytes = 6;       // the same, without options

std::uint32_t trill_bytes(std::uint64_t first) { return kTrillBytes + (first >> 6 & 0x1f) * 4; }

}  // namespace

ProtocolId parse_fabric_path(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kFabricPath)) return ProtocolId::kEnd;
  if (!context.cursor.skip(kFabricPathBytes)) return context.refuse_short(kFabricPathBytes);
  return ProtocolId::kEthernet;
}

void describe_fabric_path(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "fabric_path", offset);
  header.bits("forwarding_tag", 0, 2, 6, 10);
  header.bits("time_to_live", 0, 2, 0, 6);
}

ProtocolId parse_trill(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kTrill)) return ProtocolId::kEnd;
  const auto header = context.cursor.peek<kTrillBytes>();
  if (!header) return context.refuse_short(kTrillBytes);
  const std::uint32_t size = trill_bytes(header.u16<0>());
  if (!context.cursor.skip(size)) return context.refuse_short(size);
  return ProtocolId::kEthernet;
}

void describe_trill(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "trill", offset);
  header.bits("version", 0, 2, 14, 2);
  header.bits("flag_multi_destination", 0, 2, 11);
  header.bits("options_length", 0, 2, 6, 5);
  header.bits("hop_count", 0, 2, 0, 6);
  header.hex("egress_nickname", 2, 2);
  header.hex("ingress_nickname", 4, 2);
  std::uint64_t first = 0;
  if (!header.read(0, 2, first)) return;
  const std::uint32_t size = trill_bytes(first);
  if (size > kTrillBytes) header.blob("options", kTrillBytes, size - kTrillBytes);
  header.extend(size);
}

}  // namespace wireglass
