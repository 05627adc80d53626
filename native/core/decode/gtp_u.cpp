#include "decode/gtp_u.hpp"

#include <string>

#include "decode/tunnel_inside.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kHeaderBytes = 8;  // the mandatory part
constexpr std::uint32_t kVersion0Bytes = 20;
constexpr std::uint32_t kOptionalBytes = 4;  // sequence number, N-PDU number, next extension header type

// First octet: version (3 bits), PT, a spare bit, E, S, PN (TS 29.281 section 5.1).
constexpr std::uint8_t kVersionAndType = 0xf0;
constexpr std::uint8_t kVersion1Gtp = 0x30;
constexpr std::uint8_t kVersion0Mask = 0xfe;  // three spare bits that are set, and one flag
constexpr std::uint8_t kVersion0Gtp = 0x1e;
constexpr std::uint8_t kExtension = 0x04;
constexpr std::uint8_t kAnyOptional = 0x07;

constexpr std::uint8_t kGPdu = 255;
constexpr std::uint16_t kPppAddressAndControl = 0xff03;

// Behind the extension headers that begin at `at`, 0 where they are cut or have no length: each is a multiple
// of 4 octets, that number first and the type of the next one last (section 5.2.1).
std::uint32_t behind_extensions(const Cursor& cursor, std::uint32_t at, std::uint64_t type) {
  while (type != 0) {
    std::uint64_t units = 0;
    if (!cursor.read_at(at, 1, units) || units == 0) return 0;
    at += units * 4;
    if (!cursor.read_at(at - 1, 1, type)) return 0;
  }
  return at;
}

// No field tells what a G-PDU carries: the session's type is the control plane's knowledge.
ProtocolId inside_of(DecodeContext& context, std::uint32_t size) {
  if (const ProtocolId ip = plausible_ip(context, size); ip != ProtocolId::kEnd) return ip;
  const auto start = context.cursor.peek<2>();
  if (start && start.u16<0>() == kPppAddressAndControl) return ProtocolId::kPpp;
  return plausible_ethernet(context);
}

// Version 0 (3GPP TS 09.60 section 6): 20 octets, of which the flow label is what the identifier is now.
ProtocolId parse_version_0(DecodeContext& context) {
  const auto header = context.cursor.peek<kVersion0Bytes>();
  const std::uint32_t remaining = tunnel_remaining(context);
  if (!header || header.u16<2>() + kVersion0Bytes > remaining) return ProtocolId::kEnd;
  if (!context.add_header(ProtocolId::kGtpU) || header.u8<1>() != kGPdu) return ProtocolId::kEnd;
  context.narrow(kVersion0Bytes + header.u16<2>());
  context.cursor.skip(kVersion0Bytes);
  const ProtocolId next = inside_of(context, header.u16<2>());
  if (next == ProtocolId::kEnd) return ProtocolId::kEnd;
  context.enter_tunnel(Overlay::kGtpU, header.u16<6>());
  return next;
}

}  // namespace

ProtocolId parse_gtp_u(DecodeContext& context) {
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (header && (header.u8<0>() & kVersion0Mask) == kVersion0Gtp) return parse_version_0(context);
  if (!header || (header.u8<0>() & kVersionAndType) != kVersion1Gtp) return ProtocolId::kEnd;
  const std::uint8_t flags = header.u8<0>();
  const std::uint32_t length = header.u16<2>();
  const std::uint32_t optional_bytes = (flags & kAnyOptional) != 0 ? kOptionalBytes : 0;
  const std::uint32_t remaining = tunnel_remaining(context);
  if (length < optional_bytes || length + kHeaderBytes > remaining) return ProtocolId::kEnd;
  if (!context.add_header(ProtocolId::kGtpU) || header.u8<1>() != kGPdu) return ProtocolId::kEnd;

  const std::uint32_t start = context.cursor.offset();
  const std::uint32_t size = kHeaderBytes + length;
  std::uint32_t at = start + kHeaderBytes + optional_bytes;
  std::uint64_t extension_type = 0;
  if ((flags & kExtension) != 0 && !context.cursor.read_at(at - 1, 1, extension_type))
    return ProtocolId::kEnd;
  at = behind_extensions(context.cursor, at, extension_type);
  if (at == 0 || at - start > size) return ProtocolId::kEnd;
  context.narrow(size);
  if (!context.cursor.skip(at - start)) return ProtocolId::kEnd;
  const ProtocolId next = inside_of(context, start + size - at);
  if (next == ProtocolId::kEnd) return ProtocolId::kEnd;
  context.enter_tunnel(Overlay::kGtpU, header.u32<4>());
  return next;
}

void describe_gtp_u(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "gtp_u", offset);
  header.bits("version", 0, 1, 5, 3);
  header.bits("protocol_type", 0, 1, 4);
  std::uint64_t first = 0;
  if (header.read(0, 1, first) && (first & kVersion0Mask) == kVersion0Gtp) {
    header.number("message_type", 1, 1);
    header.number("length", 2, 2);
    header.number("sequence_number", 4, 2);
    header.number("flow_label", 6, 2);
    header.hex("tid", 12, 8);
    return;
  }
  header.bits("flag_extension_header", 0, 1, 2);
  header.bits("flag_sequence_number", 0, 1, 1);
  header.bits("flag_n_pdu_number", 0, 1, 0);
  header.number("message_type", 1, 1);
  header.number("length", 2, 2);
  header.hex("teid", 4, 4);
  std::uint64_t flags = 0;
  std::uint64_t length = 0;
  if (!header.read(0, 1, flags) || !header.read(2, 2, length)) return;
  dissector.narrow(std::uint64_t{offset} + kHeaderBytes + length);
  if ((flags & kAnyOptional) == 0) return;
  // What a cleared flag leaves out stands there all the same and means nothing.
  if ((flags & 0x02) != 0) header.number("sequence_number", 8, 2);
  if ((flags & 0x01) != 0) header.number("n_pdu_number", 10, 1);
  header.extend(kHeaderBytes + kOptionalBytes);
  std::uint64_t type = 0;
  if ((flags & kExtension) == 0 || !header.read(11, 1, type)) return;
  header.hex("next_extension_header_type", 11, 1);
  std::uint32_t at = kHeaderBytes + kOptionalBytes;
  while (type != 0) {
    std::uint64_t units = 0;
    if (!header.read(at, 1, units) || units == 0) return;
    const auto size = static_cast<std::uint32_t>(units * 4);
    header.blob("extension_" + std::to_string(type), at, size);
    if (!header.read(at + size - 1, 1, type)) return;
    at += size;
  }
}

}  // namespace wireglass
