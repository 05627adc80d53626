#include "decode/nflog.hpp"

#include "decode/address_family.hpp"
#include "decode/ethertype.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kHeaderBytes = 4;
constexpr std::uint32_t kFieldBytes = 4;     // length, which covers itself and the type, and type
constexpr std::uint32_t kMaxFields = 64;     // Linux knows about 20
constexpr std::uint16_t kPacketHeader = 1;   // NFULA_PACKET_HDR: an EtherType in its first octets
constexpr std::uint16_t kPayload = 9;        // NFULA_PAYLOAD
constexpr std::uint16_t kTypeMask = 0x3fff;  // the upper bits are netlink's flags

struct Field {
  std::uint32_t length;
  std::uint16_t type;
};

// Lengths stand in the capturing host's byte order, and are small: a first field whose length reads as
// nonsense is in the other one.
bool is_big_endian(const Cursor& cursor, std::uint32_t at) {
  std::uint64_t length = 0;
  if (!cursor.read_at(at, 2, length)) return false;
  const std::uint32_t little = __builtin_bswap16(static_cast<std::uint16_t>(length));
  return little < kFieldBytes || (little > 0xff && length >= kFieldBytes && length <= 0xff);
}

Field field_of(std::uint32_t word, bool big_endian) {
  const auto length = static_cast<std::uint16_t>(word >> 16);
  const auto type = static_cast<std::uint16_t>(word);
  if (big_endian) return {length, static_cast<std::uint16_t>(type & kTypeMask)};
  return {__builtin_bswap16(length), static_cast<std::uint16_t>(__builtin_bswap16(type) & kTypeMask)};
}

constexpr std::uint32_t padded(std::uint32_t length) { return (length + 3) & ~std::uint32_t{3}; }

}  // namespace

ProtocolId parse_nflog(DecodeContext& context) {
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!context.add_header(ProtocolId::kNflog)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kHeaderBytes);
  context.cursor.skip(kHeaderBytes);
  const bool big_endian = is_big_endian(context.cursor, context.cursor.offset());
  ProtocolId next = protocol_of_family(header.u8<0>());
  for (std::uint32_t count = 0; count < kMaxFields; ++count) {
    if (context.wire_remaining() == 0) return ProtocolId::kEnd;  // a log entry without packet
    const auto start = context.cursor.peek<kFieldBytes>();
    if (!start) return context.refuse_short(kFieldBytes);
    const Field field = field_of(start.u32<0>(), big_endian);
    if (field.length < kFieldBytes) return context.refuse(DecodeStatus::kMalformed);
    if (field.type == kPayload) {
      context.cursor.skip(kFieldBytes);
      context.narrow(field.length - kFieldBytes);
      return next;
    }
    if (field.type == kPacketHeader && next == ProtocolId::kEnd) {
      const auto hook = context.cursor.peek<kFieldBytes + 2>();
      if (hook) next = protocol_of_ethertype(hook.u16<kFieldBytes>());
    }
    // The padding of a last field may be missing.
    const std::uint32_t size =
        std::min(padded(field.length), std::max<std::uint32_t>(context.wire_remaining(), field.length));
    if (!context.cursor.skip(size)) return context.refuse_short(size);
  }
  return context.refuse(DecodeStatus::kTooDeep);
}

void describe_nflog(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "nflog", offset);
  header.number("family", 0, 1);
  header.number("version", 1, 1);
  header.number("resource_id", 2, 2);
  const bool big_endian = is_big_endian(dissector.bytes(), offset + kHeaderBytes);
  std::uint32_t at = kHeaderBytes;
  std::uint64_t word = 0;
  for (std::uint32_t count = 0; count < kMaxFields && header.read(at, kFieldBytes, word); ++count) {
    const Field field = field_of(static_cast<std::uint32_t>(word), big_endian);
    if (field.length < kFieldBytes) return;
    if (field.type == kPayload) return header.extend(at + kFieldBytes);
    header.blob("field_" + std::to_string(field.type), at + kFieldBytes, field.length - kFieldBytes);
    at += padded(field.length);
    header.extend(at);
  }
}

}  // namespace wireglass
