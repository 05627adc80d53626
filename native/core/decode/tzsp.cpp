#include "decode/tzsp.hpp"

#include <algorithm>
#include <array>

namespace wireglass {
namespace {

constexpr std::uint32_t kFixedBytes = 4;
constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kPacketToSend = 1;
constexpr std::uint8_t kKeepAlive = 4;
constexpr std::uint8_t kPortOpener = 5;
constexpr std::uint8_t kTagPadding = 0;
constexpr std::uint8_t kTagEnd = 1;

struct Row {
  std::uint16_t encapsulation;
  ProtocolId protocol;
};
constexpr std::array<Row, 4> kEncapsulations = {{
    {1, ProtocolId::kEthernet},
    {18, ProtocolId::kIeee80211},
    {119, ProtocolId::kPrism},
    {127, ProtocolId::kAvs},
}};

// Octets of the tagged field at `at`; 0 where its length was not captured.
std::uint32_t tag_bytes(const Cursor& bytes, std::uint32_t at, std::uint64_t tag) {
  if (tag == kTagPadding || tag == kTagEnd) return 1;
  std::uint64_t length = 0;
  return bytes.read_at(at + 1, 1, length) ? static_cast<std::uint32_t>(length) + 2 : 0;
}

ProtocolId protocol_of_encapsulation(std::uint16_t encapsulation) {
  for (const Row& row : kEncapsulations) {
    if (row.encapsulation == encapsulation) return row.protocol;
  }
  return ProtocolId::kEnd;
}

// Moves the cursor behind the tagged fields; false, with the status set, where they do not end.
bool skip_tags(DecodeContext& context) {
  for (std::uint8_t type = kTagPadding; type != kTagEnd;) {
    const auto tag = context.cursor.peek<1>();
    type = tag ? tag.u8<0>() : kTagEnd;
    const std::uint32_t size = tag ? tag_bytes(context.cursor, context.cursor.offset(), type) : 0;
    if (size == 0 || !context.cursor.skip(size)) {
      context.refuse_short(std::max(size, tag ? 2U : 1U));
      return false;
    }
  }
  return true;
}

}  // namespace

ProtocolId parse_tzsp(DecodeContext& context) {
  const auto header = context.cursor.peek<kFixedBytes>();
  if (!context.add_header(ProtocolId::kTzsp)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kFixedBytes);
  context.cursor.skip(kFixedBytes);
  if (header.u8<1>() == kKeepAlive || header.u8<1>() == kPortOpener) return ProtocolId::kEnd;
  return skip_tags(context) ? protocol_of_encapsulation(header.u16<2>()) : ProtocolId::kEnd;
}

ProtocolId parse_tzsp_in_udp(DecodeContext& context) {
  const auto header = context.cursor.peek<kFixedBytes>();
  if (!header || header.u8<0>() != kVersion || header.u8<1>() > kPortOpener) return ProtocolId::kEnd;
  const ProtocolId inside = protocol_of_encapsulation(header.u16<2>());
  const bool is_packet = header.u8<1>() <= kPacketToSend;
  if (is_packet && inside == ProtocolId::kEnd) return ProtocolId::kEnd;
  if (!context.add_header(ProtocolId::kTzspInUdp) || !is_packet) return ProtocolId::kEnd;
  context.enter_tunnel(Overlay::kTzsp, 0);
  context.cursor.skip(kFixedBytes);
  return skip_tags(context) ? inside : ProtocolId::kEnd;
}

void describe_tzsp(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "tzsp", offset);
  header.number("version", 0, 1);
  header.number("type", 1, 1);
  header.number("encapsulation", 2, 2);
  std::uint64_t tag = 0;
  for (std::uint32_t at = kFixedBytes; header.read(at, 1, tag);) {
    const std::uint32_t size = tag_bytes(dissector.bytes(), offset + at, tag);
    if (size == 0) return;
    if (size > 2) header.blob("tag_" + std::to_string(tag), at + 2, size - 2);
    at += size;
    header.extend(at);
    if (tag == kTagEnd) return;
  }
}

}  // namespace wireglass
