#include "decode/slip.hpp"

namespace wireglass {
namespace {
constexpr std::uint32_t kHeaderBytes = 16;
constexpr std::uint8_t kMaxDirection = 1;
constexpr std::uint8_t kCompressed = 0x80;  // RFC 1144: this bit in the octet that tells the packet's type
}  // namespace

ProtocolId parse_slip(DecodeContext& context) {
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!context.add_header(ProtocolId::kSlip)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kHeaderBytes);
  if (header.u8<0>() > kMaxDirection) return context.refuse(DecodeStatus::kMalformed);
  context.cursor.skip(kHeaderBytes);
  return (header.u8<1>() & kCompressed) != 0 ? ProtocolId::kEnd : ProtocolId::kRawIp;
}

void describe_slip(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "slip", offset);
  header.number("direction", 0, 1);
  header.blob("compression", 1, kHeaderBytes - 1);
}

}  // namespace wireglass
