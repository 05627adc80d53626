#include "decode/macsec.hpp"

#include "decode/ethertype.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kTagBytes = 6;  // behind the EtherType, without channel identifier
constexpr std::uint32_t kChannelIdentifierBytes = 8;
constexpr std::uint32_t kIntegrityCheckBytes = 16;  // of every cipher suite in IEEE 802.1AE section 14
constexpr std::uint8_t kHasChannelIdentifier = 0x20;
constexpr std::uint8_t kEncrypted = 0x08;
constexpr std::uint8_t kChangedText = 0x04;
constexpr std::uint8_t kShortLengthMask = 0x3f;

std::uint32_t tag_bytes(std::uint64_t control) {
  return kTagBytes + ((control & kHasChannelIdentifier) != 0 ? kChannelIdentifierBytes : 0);
}

}  // namespace

ProtocolId parse_macsec(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kMacsec)) return ProtocolId::kEnd;
  const auto tag = context.cursor.peek<kTagBytes>();
  if (!tag) return context.refuse_short(kTagBytes);
  const std::uint8_t control = tag.u8<0>();
  if ((control & (kEncrypted | kChangedText)) != 0) return context.refuse(DecodeStatus::kEncrypted);
  if (!context.cursor.skip(tag_bytes(control))) return context.refuse_short(tag_bytes(control));
  // The frame is padded behind the check value where the length field is not 0.
  if (const std::uint32_t short_length = tag.u8<1>() & kShortLengthMask; short_length != 0) {
    context.narrow(short_length);
  } else if (context.wire_remaining() > kIntegrityCheckBytes) {
    context.narrow(context.wire_remaining() - kIntegrityCheckBytes);
  }
  const auto type = context.cursor.peek<2>();
  if (!type) return context.refuse_short(2);
  context.cursor.skip(2);
  return protocol_of_type_or_length(context, type.u16<0>());
}

void describe_macsec(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "macsec", offset);
  header.bits("version", 0, 1, 7);
  header.bits("flag_end_station", 0, 1, 6);
  header.bits("flag_channel_identifier", 0, 1, 5);
  header.bits("flag_single_copy_broadcast", 0, 1, 4);
  header.bits("flag_encrypted", 0, 1, 3);
  header.bits("flag_changed_text", 0, 1, 2);
  header.bits("association_number", 0, 1, 0, 2);
  header.bits("short_length", 1, 1, 0, 6);
  header.number("packet_number", 2, 4);
  std::uint64_t control = 0;
  std::uint64_t short_length = 0;
  if (!header.read(0, 1, control) || !header.read(1, 1, short_length)) return;
  const std::uint32_t size = tag_bytes(control);
  if (size > kTagBytes) header.blob("channel_identifier", kTagBytes, kChannelIdentifierBytes);
  if ((control & (kEncrypted | kChangedText)) != 0) return;
  if ((short_length & kShortLengthMask) != 0) {
    dissector.narrow(std::uint64_t{offset} + size + (short_length & kShortLengthMask));
  }
  describe_type_or_length(dissector, header, size);
}

}  // namespace wireglass
