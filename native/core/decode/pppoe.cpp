#include "decode/pppoe.hpp"

namespace wireglass {
namespace {
constexpr std::uint32_t kHeaderBytes = 6;
constexpr std::uint8_t kSessionData = 0;
}  // namespace

ProtocolId parse_pppoe(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kPppoe)) return ProtocolId::kEnd;
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!header) return context.refuse_short(kHeaderBytes);
  context.cursor.skip(kHeaderBytes);
  if (header.u8<1>() != kSessionData) return ProtocolId::kEnd;
  context.narrow(header.u16<4>());
  return ProtocolId::kPpp;
}

void describe_pppoe(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "pppoe", offset);
  header.bits("version", 0, 1, 4, 4);
  header.bits("type", 0, 1, 0, 4);
  header.hex("code", 1, 1);
  header.hex("session_id", 2, 2);
  header.number("length", 4, 2);
  std::uint64_t length = 0;
  if (header.read(4, 2, length)) dissector.narrow(offset + kHeaderBytes + length);
}

}  // namespace wireglass
