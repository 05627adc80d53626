#include "decode/docsis.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kHeaderBytes = 6;  // frame control, parameter, length, header check sequence
constexpr std::uint8_t kPacketPdu = 0;
constexpr std::uint8_t kIsolationPacketPdu = 1;
constexpr std::uint8_t kHasExtendedHeader = 0x01;

std::uint32_t extended_bytes(std::uint32_t frame_control, std::uint32_t parameter) {
  return (frame_control & kHasExtendedHeader) != 0 ? parameter : 0;
}

}  // namespace

ProtocolId parse_docsis(DecodeContext& context) {
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!context.add_header(ProtocolId::kDocsis)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kHeaderBytes);
  const std::uint8_t frame_type = header.u8<0>() >> 6;
  if (frame_type != kPacketPdu && frame_type != kIsolationPacketPdu) return ProtocolId::kEnd;
  const std::uint32_t extended = extended_bytes(header.u8<0>(), header.u8<1>());
  const std::uint32_t length = header.u16<2>();
  if (length < extended) return context.refuse(DecodeStatus::kMalformed);
  const std::uint32_t size = kHeaderBytes + extended;
  if (!context.cursor.skip(size)) return context.refuse_short(size);
  context.narrow(length - extended);
  return ProtocolId::kEthernet;
}

void describe_docsis(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "docsis", offset);
  header.bits("frame_type", 0, 1, 6, 2);
  header.bits("frame_parameter", 0, 1, 1, 5);
  header.bits("has_extended_header", 0, 1, 0);
  header.number("mac_parameter", 1, 1);
  header.number("length", 2, 2);
  std::uint64_t start = 0;
  if (!header.read(0, 2, start)) return;
  const std::uint32_t extended =
      extended_bytes(static_cast<std::uint32_t>(start >> 8), static_cast<std::uint32_t>(start & 0xff));
  header.blob("extended_header", 4, extended);
  header.hex("header_check_sequence", 4 + extended, 2);
}

}  // namespace wireglass
