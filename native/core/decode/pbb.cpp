#include "decode/pbb.hpp"

namespace wireglass {
namespace {
constexpr std::uint32_t kTagBytes = 4;  // behind the EtherType that announces the tag
constexpr std::uint32_t kServiceIdMask = 0x00ffffff;
}  // namespace

ProtocolId parse_pbb(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kPbb)) return ProtocolId::kEnd;
  const auto header = context.cursor.peek<kTagBytes>();
  if (!header) return context.refuse_short(kTagBytes);
  context.enter_tunnel(Overlay::kPbb, header.u32<0>() & kServiceIdMask);
  context.cursor.skip(kTagBytes);
  return ProtocolId::kEthernet;
}

void describe_pbb(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "pbb", offset);
  header.bits("priority", 0, 4, 29, 3);
  header.bits("drop_eligible", 0, 4, 28);
  header.bits("use_customer_address", 0, 4, 27);
  header.bits("service_id", 0, 4, 0, 24);
}

}  // namespace wireglass
