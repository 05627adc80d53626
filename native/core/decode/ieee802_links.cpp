#include "decode/ieee802_links.hpp"

namespace wireglass {
namespace {
constexpr std::uint32_t kFddiBytes = 13;
constexpr std::uint8_t kFddiClassMask = 0xf0;
constexpr std::uint8_t kFddiLlc = 0x50;

constexpr std::uint32_t kTokenRingBytes = 14;
constexpr std::uint8_t kFrameTypeMask = 0xc0;
constexpr std::uint8_t kFrameTypeLlc = 0x40;
constexpr std::uint8_t kHasRoutingInformation = 0x80;  // in the source address, whose own first bit it is not
constexpr std::uint8_t kRoutingLengthMask = 0x1f;
}  // namespace

ProtocolId parse_fddi(DecodeContext& context) {
  const auto header = context.cursor.peek<kFddiBytes>();
  if (!context.add_header(ProtocolId::kFddi)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kFddiBytes);
  context.cursor.skip(kFddiBytes);
  return (header.u8<0>() & kFddiClassMask) == kFddiLlc ? ProtocolId::kLlc : ProtocolId::kEnd;
}

void describe_fddi(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "fddi", offset);
  header.hex("frame_control", 0, 1);
  header.mac("dst_mac", 1);
  header.mac("src_mac", 7);
}

ProtocolId parse_token_ring(DecodeContext& context) {
  const auto header = context.cursor.peek<kTokenRingBytes>();
  if (!context.add_header(ProtocolId::kTokenRing)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kTokenRingBytes);
  context.cursor.skip(kTokenRingBytes);
  if ((header.u8<1>() & kFrameTypeMask) != kFrameTypeLlc) return ProtocolId::kEnd;
  if ((header.u8<8>() & kHasRoutingInformation) != 0) {
    const auto routing = context.cursor.peek<2>();
    if (!routing) return context.refuse_short(2);
    const std::uint32_t size = routing.u8<0>() & kRoutingLengthMask;
    if (size < 2) return context.refuse(DecodeStatus::kMalformed);
    if (!context.cursor.skip(size)) return context.refuse_short(size);
  }
  return ProtocolId::kLlc;
}

void describe_token_ring(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "token_ring", offset);
  header.hex("access_control", 0, 1);
  header.hex("frame_control", 1, 1);
  header.mac("dst_mac", 2);
  header.mac("src_mac", 8);
  std::uint64_t source = 0;
  std::uint64_t length = 0;
  if (!header.read(8, 1, source) || (source & kHasRoutingInformation) == 0) return;
  if (header.read(kTokenRingBytes, 1, length)) {
    header.blob("routing_information", kTokenRingBytes, length & kRoutingLengthMask);
  }
}

}  // namespace wireglass
