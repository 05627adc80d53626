#include "decode/vxlan.hpp"

#include "decode/tunnel_inside.hpp"

namespace wireglass {
namespace {
constexpr std::uint32_t kHeaderBytes = 8;
constexpr std::uint8_t kVniPresent = 0x08;
}  // namespace

ProtocolId parse_vxlan(DecodeContext& context) {
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!header) return ProtocolId::kEnd;
  // RFC 7348 section 5 demands the flag, and senders exist that leave it out: there the inside must show what
  // it is. Reserved bits are to be ignored, extensions use them.
  const bool has_vni = (header.u8<0>() & kVniPresent) != 0;
  if (!has_vni && plausible_ethernet(context, kHeaderBytes) == ProtocolId::kEnd) return ProtocolId::kEnd;
  if (!context.add_header(ProtocolId::kVxlan)) return ProtocolId::kEnd;
  context.enter_tunnel(Overlay::kVxlan, has_vni ? header.u32<4>() >> 8 : 0);
  context.cursor.skip(kHeaderBytes);
  return ProtocolId::kEthernet;
}

void describe_vxlan(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "vxlan", offset);
  header.bits("flag_group_policy", 0, 1, 7);
  header.bits("flag_vni", 0, 1, 3);
  std::uint64_t flags = 0;
  if (!header.read(0, 1, flags)) return;
  // draft-smith-vxlan-group-policy section 2.1
  if ((flags & 0x80) != 0) {
    header.bits("flag_dont_learn", 1, 1, 6);
    header.bits("flag_policy_applied", 1, 1, 3);
    header.number("group_policy_id", 2, 2);
  }
  header.number("vni", 4, 3);
  header.extend(kHeaderBytes);
}

}  // namespace wireglass
