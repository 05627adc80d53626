#include "decode/lisp.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kHeaderBytes = 8;

// First octet: N L E V I R K K (RFC 9300 section 5.1).
constexpr std::uint8_t kNoncePresent = 0x80;
constexpr std::uint8_t kLocatorStatusBits = 0x40;
constexpr std::uint8_t kMapVersion = 0x10;
constexpr std::uint8_t kInstanceId = 0x08;
constexpr std::uint8_t kKeyIdMask = 0x03;

}  // namespace

ProtocolId parse_lisp(DecodeContext& context) {
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!header || !context.add_header(ProtocolId::kLisp)) return ProtocolId::kEnd;
  const std::uint8_t flags = header.u8<0>();
  // Encrypted under that key (RFC 8061): the inside is nobody's to read.
  if ((flags & kKeyIdMask) != 0) return ProtocolId::kEnd;
  context.enter_tunnel(Overlay::kLisp, (flags & kInstanceId) != 0 ? header.u32<4>() >> 8 : 0);
  context.cursor.skip(kHeaderBytes);
  return ProtocolId::kRawIp;
}

void describe_lisp(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "lisp", offset);
  header.bits("flag_nonce", 0, 1, 7);
  header.bits("flag_lsb", 0, 1, 6);
  header.bits("flag_echo_nonce", 0, 1, 5);
  header.bits("flag_map_version", 0, 1, 4);
  header.bits("flag_instance_id", 0, 1, 3);
  header.bits("flag_reserved", 0, 1, 2);
  header.bits("key_id", 0, 1, 0, 2);
  std::uint64_t flags = 0;
  if (!header.read(0, 1, flags)) return;
  // A sender must not set both flags (RFC 9300 section 5.1): the same 24 bits hold the one or the other.
  if ((flags & kNoncePresent) != 0) {
    header.hex("nonce", 1, 3);
  } else if ((flags & kMapVersion) != 0) {
    header.bits("source_map_version", 1, 3, 12, 12);
    header.bits("dest_map_version", 1, 3, 0, 12);
  }
  if ((flags & kInstanceId) != 0) {
    header.number("instance_id", 4, 3);
    if ((flags & kLocatorStatusBits) != 0) header.hex("locator_status_bits", 7, 1);
  } else if ((flags & kLocatorStatusBits) != 0) {
    header.hex("locator_status_bits", 4, 4);
  }
  header.extend(kHeaderBytes);
}

}  // namespace wireglass
