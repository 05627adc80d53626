#include "decode/tcp.hpp"

#include <algorithm>
#include <string>

#include "decode/ip_layer.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kHeaderBytes = 20;  // without options
constexpr std::uint32_t kFlagsEnd = 14;
constexpr std::uint8_t kEndOfOptions = 0;
constexpr std::uint8_t kNoOperation = 1;

void describe_option(HeaderWriter& header, std::uint8_t kind, std::uint32_t at, std::uint32_t length) {
  if (kind == 2 && length == 4) {
    header.number("maximum_segment_size", at + 2, 2);
  } else if (kind == 3 && length == 3) {
    header.number("window_scale", at + 2, 1);
  } else if (kind == 4 && length == 2) {
    header.text("sack_permitted", at, length, "1");
  } else if (kind == 8 && length == 10) {
    header.number("timestamp_value", at + 2, 4);
    header.number("timestamp_echo_reply", at + 6, 4);
  } else {
    header.blob("option_" + std::to_string(kind), at, length);
  }
}

void describe_options(HeaderWriter& header, std::uint32_t end) {
  std::uint32_t at = kHeaderBytes;
  while (at < end) {
    std::uint64_t kind = 0;
    std::uint64_t length = 0;
    if (!header.read(at, 1, kind) || kind == kEndOfOptions) return;
    if (kind == kNoOperation) {
      ++at;
      continue;
    }
    if (!header.read(at + 1, 1, length) || length < 2 || length > end - at) return;
    describe_option(header, static_cast<std::uint8_t>(kind), at, static_cast<std::uint32_t>(length));
    at += length;
  }
}

}  // namespace

ProtocolId parse_tcp(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kTcp) || !read_ports(context)) return ProtocolId::kEnd;
  DecodedPacket& decoded = context.decoded();
  if (const auto header = context.cursor.peek<kHeaderBytes>()) {
    decoded.tcp_flags = header.u8<13>();
    const std::uint32_t header_bytes = (header.u8<12>() >> 4) * 4U;
    const std::uint32_t segment_bytes = context.wire_remaining();
    if (header_bytes < kHeaderBytes || header_bytes > segment_bytes) return ProtocolId::kEnd;
    decoded.tcp = {header.u32<4>(), header.u32<8>(), header.u16<14>(), true};
    decoded.payload_offset = context.cursor.offset() + header_bytes;
    decoded.payload_bytes = segment_bytes - header_bytes;
  } else if (const auto flags = context.cursor.peek<kFlagsEnd>()) {
    decoded.tcp_flags = flags.u8<13>();
  }
  return ProtocolId::kEnd;
}

void describe_tcp(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "tcp", offset);
  header.number("src_port", 0, 2);
  header.number("dst_port", 2, 2);
  header.number("sequence_number", 4, 4);
  header.number("acknowledgment_number", 8, 4);
  header.bits("data_offset", 12, 1, 4, 4);
  header.hex("flags", 13, 1);
  header.bits("flag_cwr", 13, 1, 7);
  header.bits("flag_ece", 13, 1, 6);
  header.bits("flag_urg", 13, 1, 5);
  header.bits("flag_ack", 13, 1, 4);
  header.bits("flag_psh", 13, 1, 3);
  header.bits("flag_rst", 13, 1, 2);
  header.bits("flag_syn", 13, 1, 1);
  header.bits("flag_fin", 13, 1, 0);
  header.number("window", 14, 2);
  header.hex("checksum", 16, 2);
  header.number("urgent_pointer", 18, 2);
  std::uint64_t data_offset = 0;
  if (!header.read(12, 1, data_offset)) return;
  const std::uint32_t header_bytes = std::max<std::uint32_t>(kHeaderBytes, (data_offset >> 4) * 4);
  describe_options(header, header_bytes);
  header.extend(header_bytes);
}

}  // namespace wireglass
