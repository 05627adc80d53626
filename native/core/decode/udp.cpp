#include "decode/udp.hpp"

#include "decode/ip_layer.hpp"

namespace wireglass {
namespace {
constexpr std::uint32_t kHeaderBytes = 8;
}

ProtocolId parse_udp(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kUdp) || !read_ports(context)) return ProtocolId::kEnd;
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!header) return ProtocolId::kEnd;
  const std::uint16_t length = header.u16<4>();
  if (length != 0 && length < kHeaderBytes) return ProtocolId::kEnd;
  if (length != 0) context.narrow(length);
  context.cursor.skip(kHeaderBytes);
  DecodedPacket& decoded = context.decoded();
  decoded.payload_offset = context.cursor.offset();
  decoded.payload_bytes = context.wire_remaining();
  const IpLayer& layer = decoded.flow_layer();
  return context.udp_ports().find(layer.src_port, layer.dst_port);
}

void describe_udp(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "udp", offset);
  header.number("src_port", 0, 2);
  header.number("dst_port", 2, 2);
  header.number("length", 4, 2);
  header.hex("checksum", 6, 2);
  std::uint64_t length = 0;
  if (header.read(4, 2, length) && length >= kHeaderBytes) dissector.narrow(offset + length);
}

}  // namespace wireglass
