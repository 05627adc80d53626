#include "decode/pktap.hpp"

#include "decode/protocol_table.hpp"

namespace wireglass {
namespace {

// All of it least significant byte first.
constexpr std::uint32_t kFixedBytes = 12;  // length, record type, link type
constexpr std::uint32_t kMinHeaderBytes = 108;
constexpr std::uint32_t kMaxHeaderBytes = 1024;
constexpr std::uint32_t kPacketRecord = 1;

bool is_header(const HeaderBytes<kFixedBytes>& header) {
  return header.u32_le<0>() >= kMinHeaderBytes && header.u32_le<0>() <= kMaxHeaderBytes;
}

}  // namespace

ProtocolId parse_pktap(DecodeContext& context) {
  const auto header = context.cursor.peek<kFixedBytes>();
  if (!context.add_header(ProtocolId::kPktap)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kFixedBytes);
  if (!is_header(header)) return context.refuse(DecodeStatus::kMalformed);
  if (!context.cursor.skip(header.u32_le<0>())) return context.refuse_short(header.u32_le<0>());
  if (header.u32_le<4>() != kPacketRecord) return ProtocolId::kEnd;
  return enter_link_type(context, header.u32_le<8>());
}

ProtocolId parse_pktap_or_private(DecodeContext& context) {
  const auto header = context.cursor.peek<kFixedBytes>();
  if (header && !is_header(header)) return context.refuse(DecodeStatus::kLinkTypeUnsupported);
  return parse_pktap(context);
}

void describe_pktap(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "pktap", offset);
  header.number_le("header_length", 0, 4);
  header.number_le("record_type", 4, 4);
  header.number_le("link_type", 8, 4);
  std::uint64_t length = 0;
  if (header.read(0, 4, length)) {
    header.extend(std::min(__builtin_bswap32(static_cast<std::uint32_t>(length)), kMaxHeaderBytes));
  }
}

}  // namespace wireglass
