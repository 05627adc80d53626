#include "decode/teredo.hpp"

#include "decode/ip_extensions.hpp"
#include "decode/protocol_table.hpp"
#include "decode/tunnel_inside.hpp"

namespace wireglass {
namespace {

constexpr std::uint16_t kAuthentication = 0x0001;
constexpr std::uint16_t kOrigin = 0x0000;
constexpr std::uint32_t kAuthenticationBytes = 13;  // without client identifier and authentication value
constexpr std::uint32_t kOriginBytes = 8;

std::uint32_t authentication_bytes(std::uint64_t first_word) {
  return kAuthenticationBytes + (first_word >> 8 & 0xff) + (first_word & 0xff);
}

// Bytes of the indications in front of the IPv6 packet at `offset`, authentication first.
std::uint32_t indication_bytes(const Cursor& cursor, std::uint32_t offset) {
  std::uint32_t size = 0;
  std::uint64_t word = 0;
  if (cursor.read_at(offset, 4, word) && word >> 16 == kAuthentication) size = authentication_bytes(word);
  if (cursor.read_at(offset + size, 4, word) && word >> 16 == kOrigin) size += kOriginBytes;
  return size;
}

// Any payload may look like the beginning of an IPv6 header by chance. Here it fills the datagram, but for
// trailers (RFC 6081 section 4), and then one end has an address that Teredo gives out (RFC 4380
// section 2.6), or a link-local one.
bool is_teredo_ipv6(DecodeContext& context) {
  const std::uint32_t size = tunnel_remaining(context);
  if (plausible_ip(context, size) != ProtocolId::kIpv6) return false;
  const std::uint32_t at = context.cursor.offset();
  std::uint64_t payload_bytes = 0;
  std::uint64_t next_header = 0;
  std::uint64_t src_prefix = 0;
  std::uint64_t dst_prefix = 0;
  if (!context.cursor.read_at(at + 4, 2, payload_bytes) || !context.cursor.read_at(at + 6, 1, next_header) ||
      !context.cursor.read_at(at + 8, 4, src_prefix) || !context.cursor.read_at(at + 24, 4, dst_prefix)) {
    return false;
  }
  const auto is_known = [](std::uint64_t prefix) {
    return prefix == 0x2001'0000 || prefix >> 22 == 0xfe80'0000 >> 22;
  };
  const bool is_upper_layer = next_header == kNoNextHeader ||
                              kIpv6Extensions[next_header] != ExtensionKind::kNone ||
                              kIpProtocols[next_header].protocol != ProtocolId::kEnd;
  return (payload_bytes + 40 == size && is_upper_layer) || is_known(src_prefix) || is_known(dst_prefix);
}

}  // namespace

ProtocolId parse_teredo(DecodeContext& context) {
  const Cursor outside = context.cursor;
  const std::uint32_t size = indication_bytes(outside, outside.offset());
  if (!context.cursor.skip(size) || !is_teredo_ipv6(context)) return ProtocolId::kEnd;
  if (size > 0) {
    const Cursor inside = context.cursor;
    context.cursor = outside;
    if (!context.add_header(ProtocolId::kTeredo)) return ProtocolId::kEnd;
    context.cursor = inside;
  }
  context.enter_tunnel(Overlay::kTeredo, 0);
  return ProtocolId::kIpv6;
}

void describe_teredo(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "teredo", offset);
  std::uint32_t at = 0;
  std::uint64_t word = 0;
  if (header.read(0, 4, word) && word >> 16 == kAuthentication) {
    const auto identifier_bytes = static_cast<std::uint32_t>(word >> 8 & 0xff);
    const auto value_bytes = static_cast<std::uint32_t>(word & 0xff);
    header.blob("client_identifier", 4, identifier_bytes);
    header.blob("authentication_value", 4 + identifier_bytes, value_bytes);
    at = authentication_bytes(word);
    header.hex("nonce", at - 9, 8);
    header.number("confirmation", at - 1, 1);
  }
  if (!header.read(at, 4, word) || word >> 16 != kOrigin) return;
  // Both are there with all bits turned, so that no address translator on the way finds them.
  const auto origin = dissector.bytes().bytes_at(offset + at + 2, 6);
  if (origin.empty()) return;
  const auto octet = [&](std::size_t i) { return ~std::to_integer<unsigned>(origin[i]) & 0xff; };
  header.text("origin_port", at + 2, 2, std::to_string(octet(0) << 8 | octet(1)));
  header.text("origin_addr", at + 4, 4,
              std::to_string(octet(2)) + "." + std::to_string(octet(3)) + "." + std::to_string(octet(4)) +
                  "." + std::to_string(octet(5)));
}

}  // namespace wireglass
