#include "decode/sctp_in_udp.hpp"

#include <array>

#include "decode/ip_layer.hpp"
#include "decode/tunnel_inside.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kCommonBytes = 12;
constexpr std::uint32_t kChunkBytes = 4;
constexpr std::uint8_t kSctp = 132;

struct ChunkTypes {
  std::uint8_t first;
  std::uint8_t last;
};
// Those that IANA has assigned.
constexpr std::array<ChunkTypes, 4> kChunkTypes = {{{0, 15}, {64, 64}, {128, 132}, {192, 194}}};

bool is_chunk_type(std::uint8_t type) {
  for (const ChunkTypes& range : kChunkTypes) {
    if (type >= range.first && type <= range.last) return true;
  }
  return false;
}

}  // namespace

ProtocolId parse_sctp_in_udp(DecodeContext& context) {
  const auto start = context.cursor.peek<kCommonBytes + kChunkBytes>();
  if (!start) return ProtocolId::kEnd;
  const std::uint32_t chunk_length = start.u16<14>();
  const bool fits = start.u16<0>() != 0 && start.u16<2>() != 0 && is_chunk_type(start.u8<12>()) &&
                    chunk_length >= kChunkBytes && chunk_length <= tunnel_remaining(context) - kCommonBytes;
  if (!fits || !context.add_header(ProtocolId::kSctpInUdp)) return ProtocolId::kEnd;
  context.enter_tunnel(Overlay::kSctpInUdp, 0);
  DecodedPacket& decoded = context.decoded();
  if (decoded.ip_layer_count >= context.limits().ip_layers) return context.refuse(DecodeStatus::kTooDeep);
  // The datagram's own IP header once more, with what this transport header tells. A later fragment shows
  // only the datagram's ports, so that none may learn these.
  IpLayer& layer = decoded.ip_layers[decoded.ip_layer_count];
  layer = decoded.flow_layer();
  layer.protocol = kSctp;
  layer.is_fragment = false;
  layer.overlay = decoded.overlay;
  layer.tunnel_id = 0;
  layer.transport_offset = static_cast<std::uint16_t>(context.cursor.offset());
  ++decoded.ip_layer_count;
  read_ports(context);
  return ProtocolId::kEnd;
}

void describe_sctp_in_udp(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "sctp", offset);
  header.number("src_port", 0, 2);
  header.number("dst_port", 2, 2);
  header.hex("verification_tag", 4, 4);
  header.hex("checksum", 8, 4);
  header.number("chunk_type", 12, 1);
  header.hex("chunk_flags", 13, 1);
  header.number("chunk_length", 14, 2);
}

}  // namespace wireglass
