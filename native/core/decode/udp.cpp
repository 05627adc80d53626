#include "decode/udp.hpp"

#include "decode/ip_layer.hpp"

namespace wireglass {
namespace {
constexpr std::uint32_t kHeaderBytes = 8;
}

ProtocolId parse_udp(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kUdp) || !read_ports(context)) return ProtocolId::kEnd;
  const IpLayer& layer = context.decoded().flow_layer();
  const ProtocolId next = context.udp_ports().find(layer.src_port, layer.dst_port);
  if (next == ProtocolId::kEnd) return next;
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!header) return ProtocolId::kEnd;
  const std::uint16_t length = header.u16<4>();
  if (length != 0 && length < kHeaderBytes) return ProtocolId::kEnd;
  if (length != 0) context.narrow(length);
  context.cursor.skip(kHeaderBytes);
  return next;
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
