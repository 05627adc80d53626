#include "decode/ethernet.hpp"

#include "decode/ethertype.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kHeaderBytes = 14;
// The five octets that an Inter-Switch Link frame has in front of its type in place of a destination address.
constexpr std::uint32_t kIslStart = 0x01000c00;

bool is_isl(const HeaderBytes<kHeaderBytes>& header) {
  return header.u16<12>() <= kMaxLength && header.u32<0>() == kIslStart && header.u8<4>() == 0;
}

}  // namespace

ProtocolId parse_ethernet(DecodeContext& context) {
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!context.add_header(ProtocolId::kEthernet)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kHeaderBytes);
  context.decoded().ethernet_offset = static_cast<std::uint16_t>(context.cursor.offset());
  context.cursor.skip(kHeaderBytes);
  if (is_isl(header)) [[unlikely]]
    return ProtocolId::kIsl;
  return protocol_of_type_or_length(context, header.u16<12>());
}

void describe_ethernet(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "ethernet", offset);
  header.mac("dst_mac", 0);
  header.mac("src_mac", 6);
  describe_type_or_length(dissector, header, 12);
}

}  // namespace wireglass
