#include "decode/ieee80211_capture.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kFixedBytes = 8;
// An AVS header begins with this, most significant byte first; the lowest bits are its version.
constexpr std::uint32_t kAvsMagic = 0x80211000;
constexpr std::uint32_t kAvsMagicMask = 0xfffff000;

ProtocolId skip_to_frame(DecodeContext& context, std::uint32_t size) {
  if (size < kFixedBytes) return context.refuse(DecodeStatus::kMalformed);
  return context.cursor.skip(size) ? ProtocolId::kIeee80211 : context.refuse_short(size);
}

// Prism headers have the capturing host's byte order; a length is a small number.
std::uint32_t prism_bytes(std::uint32_t big_endian) {
  return big_endian > UINT16_MAX ? __builtin_bswap32(big_endian) : big_endian;
}

}  // namespace

ProtocolId parse_radiotap(DecodeContext& context) {
  const auto header = context.cursor.peek<kFixedBytes>();
  if (!context.add_header(ProtocolId::kRadiotap)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kFixedBytes);
  return skip_to_frame(context, header.u16_le<2>());
}

void describe_radiotap(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "radiotap", offset);
  header.number("version", 0, 1);
  header.number_le("header_length", 2, 2);
  header.hex("present", 4, 4);
  std::uint64_t length = 0;
  if (header.read(2, 2, length)) header.extend(__builtin_bswap16(static_cast<std::uint16_t>(length)));
}

ProtocolId parse_avs(DecodeContext& context) {
  const auto header = context.cursor.peek<kFixedBytes>();
  if (!context.add_header(ProtocolId::kAvs)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kFixedBytes);
  if ((header.u32<0>() & kAvsMagicMask) != kAvsMagic) return context.refuse(DecodeStatus::kMalformed);
  return skip_to_frame(context, header.u32<4>());
}

void describe_avs(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "avs", offset);
  header.hex("version", 0, 4);
  header.number("header_length", 4, 4);
  std::uint64_t length = 0;
  if (header.read(4, 4, length)) header.extend(static_cast<std::uint32_t>(length));
}

ProtocolId parse_prism(DecodeContext& context) {
  const auto header = context.cursor.peek<kFixedBytes>();
  // Drivers have put AVS headers under Prism's link type.
  if (header && (header.u32<0>() & kAvsMagicMask) == kAvsMagic) return ProtocolId::kAvs;
  if (!context.add_header(ProtocolId::kPrism)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kFixedBytes);
  return skip_to_frame(context, prism_bytes(header.u32<4>()));
}

void describe_prism(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "prism", offset);
  header.hex("message_code", 0, 4);
  std::uint64_t length = 0;
  if (!header.read(4, 4, length)) return;
  const std::uint32_t size = prism_bytes(static_cast<std::uint32_t>(length));
  header.text("message_length", 4, 4, std::to_string(size));
  header.extend(size);
}

}  // namespace wireglass
