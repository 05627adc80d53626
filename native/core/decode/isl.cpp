#include "decode/isl.hpp"

namespace wireglass {
namespace {
constexpr std::uint32_t kHeaderBytes = 12;  // SNAP, upper source address, VLAN, index, reserved
constexpr std::uint16_t kVlanIdMask = 0x0fff;
}  // namespace

ProtocolId parse_isl(DecodeContext& context) {
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!context.add_header(ProtocolId::kIsl)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kHeaderBytes);
  context.add_vlan(header.u16<6>() >> 1 & kVlanIdMask);  // the last bit marks a BPDU
  context.cursor.skip(kHeaderBytes);
  return ProtocolId::kEthernet;
}

void describe_isl(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "isl", offset);
  header.hex("source_organization", 3, 3);
  header.bits("vlan_id", 6, 2, 1, 15);
  header.bits("is_bpdu", 6, 2, 0);
  header.number("index", 8, 2);
  header.extend(kHeaderBytes);
}

}  // namespace wireglass
