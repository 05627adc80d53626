#include "decode/lisp.hpp"

#include <array>

#include "decode/tunnel_inside.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kHeaderBytes = 8;

// First octet: N L E V I R K K (RFC 9300 section 5.1), R being P in LISP-GPE (RFC 9305 section 3).
constexpr std::uint8_t kNoncePresent = 0x80;
constexpr std::uint8_t kLocatorStatusBits = 0x40;
constexpr std::uint8_t kMapVersion = 0x10;
constexpr std::uint8_t kInstanceId = 0x08;
constexpr std::uint8_t kNextProtocolPresent = 0x04;
constexpr std::uint8_t kKeyIdMask = 0x03;

constexpr std::array<ProtocolId, 5> kNextProtocols = {{
    ProtocolId::kEnd,
    ProtocolId::kIpv4,
    ProtocolId::kIpv6,
    ProtocolId::kEthernet,
    ProtocolId::kNsh,
}};

// Shim headers have numbers from here on; each has a type, its length in units of 4 octets without the first
// 4, a reserved octet and the number of what follows (RFC 9305 section 4).
constexpr std::uint32_t kFirstShim = 0x80;
constexpr std::uint32_t kShimBytes = 4;

// What is inside a LISP-GPE packet, with the cursor behind the LISP header; the shim headers are passed.
ProtocolId inside_of_gpe(DecodeContext& context, std::uint32_t number) {
  while (number >= kFirstShim) {
    const auto shim = context.cursor.peek<kShimBytes>();
    if (!shim || !context.cursor.skip(kShimBytes + shim.u8<1>() * 4U)) return ProtocolId::kEnd;
    number = shim.u8<3>();
  }
  return number < kNextProtocols.size() ? kNextProtocols[number] : ProtocolId::kEnd;
}

}  // namespace

ProtocolId parse_lisp(DecodeContext& context) {
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!header || !context.add_header(ProtocolId::kLisp)) return ProtocolId::kEnd;
  const std::uint8_t flags = header.u8<0>();
  // Encrypted under that key (RFC 8061): the inside is nobody's to read.
  if ((flags & kKeyIdMask) != 0) return context.stop_inside(DecodeStatus::kEncrypted);
  const bool is_gpe = (flags & kNextProtocolPresent) != 0;
  context.cursor.skip(kHeaderBytes);
  const ProtocolId next =
      is_gpe ? inside_of_gpe(context, header.u8<3>()) : plausible_ip(context, tunnel_remaining(context));
  if (next == ProtocolId::kEnd) return ProtocolId::kEnd;
  context.enter_tunnel(is_gpe ? Overlay::kLispGpe : Overlay::kLisp,
                       (flags & kInstanceId) != 0 ? header.u32<4>() >> 8 : 0);
  return next;
}

void describe_lisp(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "lisp", offset);
  header.bits("flag_nonce", 0, 1, 7);
  header.bits("flag_lsb", 0, 1, 6);
  header.bits("flag_echo_nonce", 0, 1, 5);
  header.bits("flag_map_version", 0, 1, 4);
  header.bits("flag_instance_id", 0, 1, 3);
  header.bits("flag_next_protocol", 0, 1, 2);
  header.bits("key_id", 0, 1, 0, 2);
  std::uint64_t flags = 0;
  if (!header.read(0, 1, flags)) return;
  // A sender must not set both flags (RFC 9300 section 5.1): the same bits hold the one or the other, 24 of
  // them, or 16 where the next protocol takes the last 8 (RFC 9305 section 3).
  const bool is_gpe = (flags & kNextProtocolPresent) != 0;
  if (is_gpe) header.number("next_protocol", 3, 1);
  if ((flags & kNoncePresent) != 0) {
    header.hex("nonce", 1, is_gpe ? 2 : 3);
  } else if ((flags & kMapVersion) != 0 && is_gpe) {
    header.bits("source_map_version", 1, 2, 8, 8);
    header.bits("dest_map_version", 1, 2, 0, 8);
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
