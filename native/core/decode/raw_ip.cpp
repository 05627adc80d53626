#include "decode/raw_ip.hpp"

namespace wireglass {

ProtocolId parse_raw_ip(DecodeContext& context) {
  const auto first = context.cursor.peek<1>();
  if (!first) return context.refuse_short(1);
  switch (first.u8<0>() >> 4) {
    case 4:
      return ProtocolId::kIpv4;
    case 6:
      return ProtocolId::kIpv6;
    default:
      return context.refuse(DecodeStatus::kMalformed);
  }
}

}  // namespace wireglass
