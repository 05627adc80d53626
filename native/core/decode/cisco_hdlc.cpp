#include "decode/cisco_hdlc.hpp"

#include "decode/ethertype.hpp"

namespace wireglass {
namespace {
constexpr std::uint32_t kHeaderBytes = 4;
}

ProtocolId parse_cisco_hdlc(DecodeContext& context) {
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!context.add_header(ProtocolId::kCiscoHdlc)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kHeaderBytes);
  context.cursor.skip(kHeaderBytes);
  return protocol_of_ethertype(header.u16<2>());
}

void describe_cisco_hdlc(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "cisco_hdlc", offset);
  header.hex("address", 0, 1);
  header.hex("control", 1, 1);
  header.hex("ethertype", 2, 2);
}

}  // namespace wireglass
