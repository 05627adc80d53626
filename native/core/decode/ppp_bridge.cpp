#include "decode/ppp_bridge.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kHeaderBytes = 2;
constexpr std::uint32_t kLanIdBytes = 4;
constexpr std::uint8_t kLanIdPresent = 0x40;
constexpr std::uint8_t kBridgeControl = 0x10;  // spanning tree without the frame around it
constexpr std::uint8_t kEthernetMac = 1;

std::uint32_t header_bytes(std::uint64_t flags) {
  return kHeaderBytes + ((flags & kLanIdPresent) != 0 ? kLanIdBytes : 0);
}

}  // namespace

ProtocolId parse_ppp_bridge(DecodeContext& context) {
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!context.add_header(ProtocolId::kPppBridge)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kHeaderBytes);
  const std::uint8_t flags = header.u8<0>();
  if ((flags & kBridgeControl) != 0 || header.u8<1>() != kEthernetMac) return ProtocolId::kEnd;
  if (!context.cursor.skip(header_bytes(flags))) return context.refuse_short(header_bytes(flags));
  return ProtocolId::kEthernet;
}

void describe_ppp_bridge(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "ppp_bridge", offset);
  header.bits("flag_fcs", 0, 1, 7);
  header.bits("flag_lan_id", 0, 1, 6);
  header.bits("flag_zero_filled", 0, 1, 5);
  header.bits("flag_bridge_control", 0, 1, 4);
  header.bits("pad_bytes", 0, 1, 0, 4);
  header.number("mac_type", 1, 1);
  std::uint64_t flags = 0;
  if (header.read(0, 1, flags) && (flags & kLanIdPresent) != 0)
    header.hex("lan_id", kHeaderBytes, kLanIdBytes);
}

}  // namespace wireglass
