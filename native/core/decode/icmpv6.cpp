#include "decode/icmpv6.hpp"

namespace wireglass {

ProtocolId parse_icmpv6(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kIcmpv6)) return ProtocolId::kEnd;
  // The key has no part of this header: a packet that lacks it is metered without type and code.
  if (const auto header = context.cursor.peek<2>()) context.decoded().icmp_type_code = header.u16<0>();
  return ProtocolId::kEnd;
}

void describe_icmpv6(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "icmpv6", offset);
  header.number("type", 0, 1);
  header.number("code", 1, 1);
  header.hex("checksum", 2, 2);
  std::uint64_t type = 0;
  if (!header.read(0, 1, type)) return;
  switch (type) {
    case 128:  // echo request
    case 129:  // echo reply
      header.hex("identifier", 4, 2);
      header.number("sequence_number", 6, 2);
      break;
    case 2:  // packet too big
      header.number("mtu", 4, 4);
      break;
    case 4:  // parameter problem
      header.number("pointer", 4, 4);
      break;
    case 135:  // neighbor solicitation, RFC 4861 section 4.3
    case 136:  // neighbor advertisement, RFC 4861 section 4.4
      header.ipv6("target_addr", 8);
      break;
    default:
      header.blob("message_body", 4, 4);
      break;
  }
  header.extend(type == 135 || type == 136 ? 24 : 8);
}

}  // namespace wireglass
