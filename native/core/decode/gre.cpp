#include "decode/gre.hpp"

#include <array>

#include "decode/ethertype.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kFirstBytes = 4;
constexpr std::uint32_t kFieldBytes = 4;
constexpr std::uint32_t kMaxRoutingEntries = 32;

constexpr std::uint16_t kChecksum = 0x8000;
constexpr std::uint16_t kRouting = 0x4000;
constexpr std::uint16_t kKey = 0x2000;
constexpr std::uint16_t kSequence = 0x1000;
constexpr std::uint16_t kAcknowledgment = 0x0080;  // of version 1
constexpr std::uint16_t kVersionMask = 0x0007;

constexpr std::uint16_t kPpp = 0x880b;
constexpr std::uint16_t kErspan = 0x88be;
constexpr std::uint16_t kEoip = 0x6400;

struct GreProtocolRow {
  std::uint16_t type;
  ProtocolId protocol;
};
// What GRE carries beyond the EtherTypes of links.
constexpr std::array<GreProtocolRow, 6> kGreProtocols = {{
    {0x6558, ProtocolId::kEthernet},  // transparent Ethernet bridging: NVGRE (RFC 7637) and others
    {kErspan, ProtocolId::kErspan},
    {0x22eb, ProtocolId::kErspan},  // type III
    {kPpp, ProtocolId::kPpp},
    {0x883e, ProtocolId::kWccpRedirect},
    {kEoip, ProtocolId::kEthernet},  // of some access points in version 0, too
}};

// Access points of one maker (Aruba) tell the direction or the like in the type of their IEEE 802.11 frames.
bool is_wireless(std::uint16_t type) { return type >= 0x8200 && type <= 0x8370 && (type & 0xf) == 0; }

ProtocolId protocol_of_gre(std::uint16_t flags, std::uint16_t type) {
  // ERSPAN type I has neither a header of its own nor a sequence number.
  if (type == kErspan && (flags & kSequence) == 0) return ProtocolId::kEthernet;
  for (const GreProtocolRow& row : kGreProtocols) {
    if (row.type == type) return row.protocol;
  }
  return is_wireless(type) ? ProtocolId::kIeee80211 : protocol_of_ethertype(type);
}

std::uint32_t fixed_bytes(std::uint16_t flags) {
  std::uint32_t size = kFirstBytes;
  if ((flags & (kChecksum | kRouting)) != 0) size += kFieldBytes;
  if ((flags & kKey) != 0) size += kFieldBytes;
  if ((flags & kSequence) != 0) size += kFieldBytes;
  if ((flags & kVersionMask) == 1 && (flags & kAcknowledgment) != 0) size += kFieldBytes;
  return size;
}

// Moves the cursor behind the source routing entries of RFC 1701; false, with the reason noted, where they do
// not end.
bool skip_routing(DecodeContext& context) {
  for (std::uint32_t entries = 0; entries < kMaxRoutingEntries; ++entries) {
    const auto entry = context.cursor.peek<kFieldBytes>();
    const std::uint32_t size = entry ? kFieldBytes + entry.u8<3>() : kFieldBytes;
    if (!context.cursor.skip(size)) {
      context.stop_inside_short(size);
      return false;
    }
    if (entry.u16<0>() == 0 && entry.u8<3>() == 0) return true;
  }
  context.stop_inside(DecodeStatus::kTooDeep);
  return false;
}

std::uint32_t key_at(const DecodeContext& context, std::uint16_t flags) {
  std::uint64_t key = 0;
  const bool is_behind_checksum = (flags & (kChecksum | kRouting)) != 0;
  const std::uint32_t at = context.cursor.offset() + kFirstBytes + (is_behind_checksum ? kFieldBytes : 0);
  if ((flags & kKey) != 0) context.cursor.read_at(at, 4, key);
  return static_cast<std::uint32_t>(key);
}

ProtocolId follow_version_0(DecodeContext& context, std::uint16_t flags, std::uint16_t type,
                            std::uint32_t key) {
  if ((flags & kRouting) != 0 && !skip_routing(context)) return ProtocolId::kEnd;
  context.enter_tunnel(type == kErspan ? Overlay::kErspan : Overlay::kGre, key);
  return protocol_of_gre(flags, type);
}

// MikroTik's Ethernet over IP has PPTP's header: length of the frame, then the tunnel, which alone is
// little-endian. A keepalive has no frame.
ProtocolId follow_eoip(DecodeContext& context, std::uint16_t flags, std::uint32_t key) {
  if ((flags & kKey) == 0) return context.stop_inside(DecodeStatus::kMalformed);
  const std::uint32_t frame_bytes = key >> 16;
  if (frame_bytes == 0) return ProtocolId::kEnd;
  context.enter_tunnel(Overlay::kGre, __builtin_bswap16(static_cast<std::uint16_t>(key)));
  context.narrow(frame_bytes);
  return ProtocolId::kEthernet;
}

// A packet without sequence number only acknowledges and carries nothing (RFC 2637 section 4.1).
ProtocolId follow_version_1(DecodeContext& context, std::uint16_t flags, std::uint16_t type,
                            std::uint32_t key) {
  if (type == kEoip) return follow_eoip(context, flags, key);
  if (type != kPpp || (flags & kKey) == 0) return context.stop_inside(DecodeStatus::kMalformed);
  if ((flags & kSequence) == 0) return ProtocolId::kEnd;
  context.enter_tunnel(Overlay::kPptp, key & 0xffff);
  context.narrow(key >> 16);
  return ProtocolId::kPpp;
}

}  // namespace

ProtocolId parse_gre(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kGre)) return ProtocolId::kEnd;
  const auto first = context.cursor.peek<kFirstBytes>();
  if (!first) return context.stop_inside_short(kFirstBytes);
  const std::uint16_t flags = first.u16<0>();
  const std::uint16_t type = first.u16<2>();
  const std::uint32_t key = key_at(context, flags);
  if (!context.cursor.skip(fixed_bytes(flags))) return context.stop_inside_short(fixed_bytes(flags));
  switch (flags & kVersionMask) {
    case 0:
      return follow_version_0(context, flags, type, key);
    case 1:
      return follow_version_1(context, flags, type, key);
    default:
      return context.stop_inside(DecodeStatus::kMalformed);
  }
}

void describe_gre(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "gre", offset);
  header.bits("flag_checksum", 0, 2, 15);
  header.bits("flag_routing", 0, 2, 14);
  header.bits("flag_key", 0, 2, 13);
  header.bits("flag_sequence", 0, 2, 12);
  header.bits("version", 0, 2, 0, 3);
  header.hex("protocol_type", 2, 2);
  std::uint64_t start = 0;
  if (!header.read(0, 2, start)) return;
  const auto flags = static_cast<std::uint16_t>(start);
  const bool is_version_1 = (flags & kVersionMask) == 1;
  std::uint32_t at = kFirstBytes;
  if ((flags & (kChecksum | kRouting)) != 0) {
    header.hex("checksum", at, 2);
    header.number("offset", at + 2, 2);
    at += kFieldBytes;
  }
  if ((flags & kKey) != 0 && is_version_1) {
    std::uint64_t type = 0;
    header.number("payload_length", at, 2);
    if (header.read(2, 2, type) && type == kEoip) {
      header.number_le("tunnel_id", at + 2, 2);
    } else {
      header.number("call_id", at + 2, 2);
    }
    at += kFieldBytes;
  } else if ((flags & kKey) != 0) {
    header.number("key", at, 4);
    at += kFieldBytes;
  }
  if ((flags & kSequence) != 0) {
    header.number("sequence_number", at, 4);
    at += kFieldBytes;
  }
  if (is_version_1 && (flags & kAcknowledgment) != 0) header.number("acknowledgment_number", at, 4);
  header.extend(fixed_bytes(flags));
}

ProtocolId parse_wccp_redirect(DecodeContext& context) {
  const auto start = context.cursor.peek<kFieldBytes>();
  if (!start) return context.refuse_short(kFieldBytes);
  // The redirect header begins with two flags, of which a 4 in front of an IPv4 header length is none.
  if (start.u8<0>() >= 0x45 && start.u8<0>() <= 0x4f) return ProtocolId::kIpv4;
  if (!context.add_header(ProtocolId::kWccpRedirect)) return ProtocolId::kEnd;
  context.cursor.skip(kFieldBytes);
  return ProtocolId::kRawIp;
}

void describe_wccp_redirect(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "wccp_redirect", offset);
  header.bits("flag_dynamic_service", 0, 1, 7);
  header.bits("flag_alternative_bucket", 0, 1, 6);
  header.number("service_id", 1, 1);
  header.number("alternative_bucket", 2, 1);
  header.number("primary_bucket", 3, 1);
}

}  // namespace wireglass
