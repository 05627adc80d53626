#include "decode/ip_over_fc.hpp"

namespace wireglass {
namespace {
constexpr std::uint32_t kHeaderBytes = 16;
}

ProtocolId parse_ip_over_fc(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kIpOverFc)) return ProtocolId::kEnd;
  return context.cursor.skip(kHeaderBytes) ? ProtocolId::kLlc : context.refuse_short(kHeaderBytes);
}

void describe_ip_over_fc(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "ip_over_fc", offset);
  header.hex("destination", 0, 8);
  header.hex("source", 8, 8);
}

}  // namespace wireglass
