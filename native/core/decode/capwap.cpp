#include "decode/capwap.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kFixedBytes = 8;  // without radio MAC address and wireless information
constexpr std::uint32_t kWordBytes = 4;
constexpr std::uint8_t kClear = 0;  // version 0 and type of the preamble
constexpr std::uint8_t kDtls = 1;

// Section 4.3, of the first word.
constexpr std::uint32_t kNative = 0x100;
constexpr std::uint32_t kFragment = 0x80;
constexpr std::uint32_t kKeepAlive = 0x08;
constexpr std::uint32_t kReserved = 0x07;
constexpr std::uint32_t kIeee80211Binding = 1;
// Of the second.
constexpr std::uint32_t kFragmentOffsetMask = 0xfff8;

std::uint32_t header_words(std::uint64_t first_word) { return first_word >> 19 & 0x1f; }
std::uint32_t binding(std::uint32_t first_word) { return first_word >> 9 & 0x1f; }

// A record of DTLS 1.0 or 1.2 begins with its content type and its version.
bool is_dtls_record(std::uint32_t first_octets) {
  const std::uint32_t type = first_octets >> 24;
  return type >= 20 && type <= 25 && (first_octets >> 16 & 0xff) == 0xfe;
}

}  // namespace

ProtocolId parse_capwap(DecodeContext& context) {
  const auto header = context.cursor.peek<kFixedBytes>();
  if (!header) return ProtocolId::kEnd;
  if (header.u8<0>() == kDtls && is_dtls_record(header.u32<4>())) {
    if (!context.add_header(ProtocolId::kCapwap)) return ProtocolId::kEnd;
    return context.stop_inside(DecodeStatus::kEncrypted);
  }
  const std::uint32_t word = header.u32<0>();
  const std::uint32_t size = header_words(word) * kWordBytes;
  const bool is_native = (word & kNative) != 0;
  if (header.u8<0>() != kClear || size < kFixedBytes || size > context.cursor.remaining() ||
      (word & kReserved) != 0 || (is_native && binding(word) != kIeee80211Binding)) {
    return ProtocolId::kEnd;
  }
  if (!context.add_header(ProtocolId::kCapwap)) return ProtocolId::kEnd;
  const bool is_later_fragment = (word & kFragment) != 0 && (header.u32<4>() & kFragmentOffsetMask) != 0;
  if (is_later_fragment || (word & kKeepAlive) != 0) return ProtocolId::kEnd;
  context.cursor.skip(size);
  context.enter_tunnel(Overlay::kCapwap, 0);
  return is_native ? ProtocolId::kIeee80211AnyOrder : ProtocolId::kEthernet;
}

void describe_capwap(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "capwap", offset);
  header.bits("version", 0, 1, 4, 4);
  header.bits("type", 0, 1, 0, 4);
  std::uint64_t word = 0;
  if (!header.read(0, 4, word) || word >> 24 != kClear) return;
  header.bits("header_length", 0, 4, 19, 5);
  header.bits("radio_id", 0, 4, 14, 5);
  header.bits("wireless_binding", 0, 4, 9, 5);
  header.bits("flag_native_frame", 0, 4, 8);
  header.bits("flag_fragment", 0, 4, 7);
  header.bits("flag_last_fragment", 0, 4, 6);
  header.bits("flag_wireless_information", 0, 4, 5);
  header.bits("flag_radio_mac", 0, 4, 4);
  header.bits("flag_keep_alive", 0, 4, 3);
  header.number("fragment_id", 4, 2);
  header.bits("fragment_offset", 6, 2, 3, 13);
  header.extend(header_words(word) * kWordBytes);
}

}  // namespace wireglass
