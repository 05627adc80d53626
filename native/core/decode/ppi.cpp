#include "decode/ppi.hpp"

#include "decode/protocol_table.hpp"

namespace wireglass {
namespace {
constexpr std::uint32_t kFixedBytes = 8;
}

ProtocolId parse_ppi(DecodeContext& context) {
  const auto header = context.cursor.peek<kFixedBytes>();
  if (!context.add_header(ProtocolId::kPpi)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kFixedBytes);
  const std::uint32_t size = header.u16_le<2>();
  if (size < kFixedBytes) return context.refuse(DecodeStatus::kMalformed);
  if (!context.cursor.skip(size)) return context.refuse_short(size);
  return enter_link_type(context, header.u32_le<4>());
}

void describe_ppi(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "ppi", offset);
  header.number("version", 0, 1);
  header.hex("flags", 1, 1);
  header.number_le("header_length", 2, 2);
  header.number_le("link_type", 4, 4);
  std::uint64_t length = 0;
  if (header.read(2, 2, length)) header.extend(__builtin_bswap16(static_cast<std::uint16_t>(length)));
}

}  // namespace wireglass
