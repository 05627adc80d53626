#include "decode/icmp.hpp"

namespace wireglass {

ProtocolId parse_icmp(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kIcmp)) return ProtocolId::kEnd;
  // The key has no part of this header: a packet that lacks it is metered without type and code.
  if (const auto header = context.cursor.peek<2>()) context.decoded().icmp_type_code = header.u16<0>();
  return ProtocolId::kEnd;
}

void describe_icmp(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "icmp", offset);
  header.number("type", 0, 1);
  header.number("code", 1, 1);
  header.hex("checksum", 2, 2);
  std::uint64_t type = 0;
  if (!header.read(0, 1, type)) return;
  switch (type) {
    case 0:   // echo reply
    case 8:   // echo
    case 13:  // timestamp
    case 14:  // timestamp reply
      header.hex("identifier", 4, 2);
      header.number("sequence_number", 6, 2);
      break;
    case 3:  // destination unreachable; the MTU is RFC 1191's
      header.number("next_hop_mtu", 6, 2);
      break;
    case 5:  // redirect
      header.ipv4("gateway_addr", 4);
      break;
    default:
      header.blob("rest_of_header", 4, 4);
      break;
  }
  header.extend(8);
}

}  // namespace wireglass
