#include "decode/vlan.hpp"

#include "decode/ethertype.hpp"

namespace wireglass {
namespace {
constexpr std::uint32_t kHeaderBytes = 4;  // behind the EtherType that announces the tag
constexpr std::uint16_t kVlanIdMask = 0x0fff;
}  // namespace

ProtocolId parse_vlan(DecodeContext& context) {
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!context.add_header(ProtocolId::kVlan)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kHeaderBytes);
  context.add_vlan(header.u16<0>() & kVlanIdMask);
  context.cursor.skip(kHeaderBytes);
  return protocol_of_type_or_length(context, header.u16<2>());
}

void describe_vlan(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "vlan", offset);
  header.bits("priority", 0, 2, 13, 3);
  header.bits("drop_eligible", 0, 2, 12);
  header.bits("vlan_id", 0, 2, 0, 12);
  describe_type_or_length(dissector, header, 2);
}

}  // namespace wireglass
