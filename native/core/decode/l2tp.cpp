#include "decode/l2tp.hpp"

#include "decode/tunnel_inside.hpp"

namespace wireglass {
namespace {

// First 16 bits (RFC 2661 section 3.1): T L x x S x O P x x x x Ver.
constexpr std::uint16_t kControl = 0x8000;
constexpr std::uint16_t kLength = 0x4000;
constexpr std::uint16_t kSequence = 0x0800;
constexpr std::uint16_t kOffset = 0x0200;
constexpr std::uint16_t kReserved = 0x34f0;
constexpr std::uint16_t kVersionMask = 0x000f;

constexpr std::uint32_t kVersion3Bytes = 4;  // flags and 16 reserved bits, over UDP only
constexpr std::uint32_t kSessionBytes = 4;

// Where the fields of a version 2 data message stand, from its first octet on.
struct Version2Layout {
  std::uint32_t tunnel_id = 0;
  std::uint32_t offset_size = 0;  // 0 where there is none
  std::uint32_t end = 0;          // without the pad that the offset size tells of
};

Version2Layout layout_of(std::uint64_t flags) {
  Version2Layout layout;
  layout.tunnel_id = (flags & kLength) != 0 ? 4 : 2;
  layout.end = layout.tunnel_id + 4 + ((flags & kSequence) != 0 ? 4 : 0);
  if ((flags & kOffset) != 0) {
    layout.offset_size = layout.end;
    layout.end += 2;
  }
  return layout;
}

ProtocolId follow_version_2(DecodeContext& context, std::uint16_t flags) {
  if ((flags & kReserved) != 0) return ProtocolId::kEnd;
  const std::uint32_t start = context.cursor.offset();
  const Version2Layout layout = layout_of(flags);
  std::uint64_t length = 0;
  std::uint64_t pad = 0;
  std::uint64_t identifier = 0;  // of tunnel and session
  if (!context.cursor.read_at(start + layout.tunnel_id, 4, identifier)) return ProtocolId::kEnd;
  if ((flags & kLength) != 0) {
    if (!context.cursor.read_at(start + 2, 2, length)) return ProtocolId::kEnd;
    if (length < layout.end || length > tunnel_remaining(context)) return ProtocolId::kEnd;
  }
  if (layout.offset_size != 0 && !context.cursor.read_at(start + layout.offset_size, 2, pad)) {
    return ProtocolId::kEnd;
  }
  if (!context.add_header(ProtocolId::kL2tp)) return ProtocolId::kEnd;
  if (length != 0) context.narrow(static_cast<std::uint32_t>(length));
  if (!context.cursor.skip(layout.end + static_cast<std::uint32_t>(pad))) return ProtocolId::kEnd;
  context.enter_tunnel(Overlay::kL2tp, static_cast<std::uint32_t>(identifier));
  return ProtocolId::kPpp;
}

// Behind the session identifier stand a cookie of 0, 4 or 8 octets and a sublayer of 0 or 4: what the control
// connection settled. Ethernet is followed where it shows itself behind one of these.
ProtocolId follow_session(DecodeContext& context, std::uint32_t session_id, ProtocolId protocol) {
  if (session_id == 0) return ProtocolId::kEnd;  // a control message
  if (!context.add_header(protocol)) return ProtocolId::kEnd;
  context.cursor.skip((protocol == ProtocolId::kL2tp ? kVersion3Bytes : 0) + kSessionBytes);
  for (std::uint32_t size = 0; size <= 12; size += 4) {
    if (plausible_ethernet(context) == ProtocolId::kEthernet) {
      context.enter_tunnel(Overlay::kL2tp, session_id);
      return ProtocolId::kEthernet;
    }
    if (!context.cursor.skip(4)) return ProtocolId::kEnd;
  }
  return ProtocolId::kEnd;
}

}  // namespace

ProtocolId parse_l2tp(DecodeContext& context) {
  const auto header = context.cursor.peek<kVersion3Bytes + kSessionBytes>();
  if (!header) return ProtocolId::kEnd;
  const std::uint16_t flags = header.u16<0>();
  if ((flags & kControl) != 0) return ProtocolId::kEnd;
  switch (flags & kVersionMask) {
    case 2:
      return follow_version_2(context, flags);
    case 3:
      return flags == 3 ? follow_session(context, header.u32<4>(), ProtocolId::kL2tp) : ProtocolId::kEnd;
    default:
      return ProtocolId::kEnd;
  }
}

ProtocolId parse_l2tp_ip(DecodeContext& context) {
  const auto header = context.cursor.peek<kSessionBytes>();
  return header ? follow_session(context, header.u32<0>(), ProtocolId::kL2tpIp) : ProtocolId::kEnd;
}

void describe_l2tp(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "l2tp", offset);
  std::uint64_t flags = 0;
  if (!header.read(0, 2, flags)) return;
  header.bits("flag_control", 0, 2, 15);
  header.bits("version", 0, 2, 0, 4);
  if ((flags & kVersionMask) == 3) {
    header.hex("session_id", kVersion3Bytes, kSessionBytes);
    return;
  }
  header.bits("flag_length", 0, 2, 14);
  header.bits("flag_sequence", 0, 2, 11);
  header.bits("flag_offset", 0, 2, 9);
  header.bits("flag_priority", 0, 2, 8);
  const Version2Layout layout = layout_of(flags);
  if ((flags & kLength) != 0) header.number("length", 2, 2);
  header.number("tunnel_id", layout.tunnel_id, 2);
  header.number("session_id", layout.tunnel_id + 2, 2);
  if ((flags & kSequence) != 0) {
    header.number("ns", layout.tunnel_id + 4, 2);
    header.number("nr", layout.tunnel_id + 6, 2);
  }
  std::uint64_t pad = 0;
  if (layout.offset_size != 0) {
    header.number("offset_size", layout.offset_size, 2);
    header.read(layout.offset_size, 2, pad);
  }
  header.extend(layout.end + static_cast<std::uint32_t>(pad));
}

void describe_l2tp_ip(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "l2tp", offset);
  header.hex("session_id", 0, kSessionBytes);
}

}  // namespace wireglass
