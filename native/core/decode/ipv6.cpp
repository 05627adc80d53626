#include "decode/ipv6.hpp"

#include "decode/ip_extensions.hpp"
#include "decode/ip_layer.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kHeaderBytes = 40;
constexpr std::uint8_t kPad1 = 0;
constexpr std::uint8_t kJumboPayload = 0xc2;  // RFC 2675 section 2
constexpr std::uint32_t kMaxPayloadBytes = 65'535;

// The length of a jumbo payload option in the hop-by-hop header at `offset`, 0 where there is none.
std::uint32_t jumbo_payload_bytes(const Cursor& bytes, std::uint32_t offset) {
  std::uint64_t start = 0;
  if (!bytes.read_at(offset, 2, start)) return 0;
  const std::uint32_t end = offset + ((start & 0xff) + 1) * 8;
  std::uint32_t at = offset + 2;
  while (at < end) {
    std::uint64_t type = 0;
    std::uint64_t length = 0;
    std::uint64_t value = 0;
    if (!bytes.read_at(at, 1, type)) return 0;
    if (type == kPad1) {
      ++at;
      continue;
    }
    if (!bytes.read_at(at + 1, 1, length)) return 0;
    if (type == kJumboPayload && length == 4 && at + 6 <= end && bytes.read_at(at + 2, 4, value)) {
      return static_cast<std::uint32_t>(value);
    }
    at += 2 + length;
  }
  return 0;
}

// Octets of the packet when its payload length is 0: a jumbogram, a packet that segmentation offload left so,
// or one without any payload. `remaining` octets of the frame stand behind the IPv6 header.
std::uint32_t zero_length_packet_bytes(std::uint32_t jumbo_bytes, std::uint32_t remaining) {
  if (jumbo_bytes > kMaxPayloadBytes && jumbo_bytes <= UINT32_MAX - kHeaderBytes) {
    return kHeaderBytes + jumbo_bytes;
  }
  return remaining > kMaxPayloadBytes ? kHeaderBytes + remaining : kHeaderBytes;
}

}  // namespace

ProtocolId parse_ipv6(DecodeContext& context) {
  IpLayer* layer = new_ip_layer(context, ProtocolId::kIpv6);
  if (layer == nullptr) return ProtocolId::kEnd;
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!header) return context.refuse_short(kHeaderBytes);
  if (header.u8<0>() >> 4 != 6) return context.refuse(DecodeStatus::kMalformed);
  const std::uint8_t next_header = header.u8<6>();
  std::uint32_t ip_bytes = kHeaderBytes + header.u16<4>();
  if (ip_bytes == kHeaderBytes) {
    const std::uint32_t jumbo_bytes =
        next_header == kHopByHop ? jumbo_payload_bytes(context.cursor, context.cursor.offset() + kHeaderBytes)
                                 : 0;
    ip_bytes = zero_length_packet_bytes(jumbo_bytes, context.wire_remaining() - kHeaderBytes);
  }
  context.narrow(ip_bytes);
  context.cursor.skip(kHeaderBytes);

  layer->version = 6;
  layer->ip_bytes = ip_bytes;
  layer->ttl = header.u8<7>();
  layer->dscp = header.u16<0>() >> 6 & 0x3f;
  layer->is_fragment = false;
  layer->is_later_fragment = false;
  if (!skip_extensions(context, kIpv6Extensions, next_header, *layer)) return ProtocolId::kEnd;
  return enter_upper_layer(context, *layer);
}

void describe_ipv6(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "ipv6", offset);
  header.bits("version", 0, 4, 28, 4);
  header.bits("dscp", 0, 4, 22, 6);
  header.bits("ecn", 0, 4, 20, 2);
  header.bits("flow_label", 0, 4, 0, 20);
  header.number("payload_length", 4, 2);
  header.number("next_header", 6, 1);
  header.number("hop_limit", 7, 1);
  header.ipv6("src_addr", 8);
  header.ipv6("dst_addr", 24);
  std::uint64_t payload_length = 0;
  std::uint64_t next_header = 0;
  if (!header.read(4, 2, payload_length) || !header.read(6, 1, next_header)) return;
  if (payload_length != 0) dissector.narrow(offset + kHeaderBytes + payload_length);
  describe_extensions(dissector, kIpv6Extensions, static_cast<std::uint8_t>(next_header),
                      offset + kHeaderBytes);
}

}  // namespace wireglass
