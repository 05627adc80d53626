#include "decode/ayiya.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kHeaderBytes = 8;  // without identity and signature
constexpr std::uint32_t kForward = 1;
constexpr std::uint8_t kIpv4InIp = 4;
constexpr std::uint8_t kIpv6InIp = 41;

// The identity has 2 to the power of the first four bits octets, the signature four times the next but four.
std::uint32_t identity_bytes(std::uint64_t first_word) { return 1U << (first_word >> 28 & 0xf); }
std::uint32_t signature_bytes(std::uint64_t first_word) { return (first_word >> 20 & 0xf) * 4; }

}  // namespace

ProtocolId parse_ayiya(DecodeContext& context) {
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!header || (header.u8<2>() & 0x0f) != kForward) return ProtocolId::kEnd;
  const std::uint8_t next_header = header.u8<3>();
  if (next_header != kIpv4InIp && next_header != kIpv6InIp) return ProtocolId::kEnd;
  const std::uint32_t word = header.u32<0>();
  const std::uint32_t size = kHeaderBytes + identity_bytes(word) + signature_bytes(word);
  if (size >= context.cursor.remaining() || !context.add_header(ProtocolId::kAyiya)) return ProtocolId::kEnd;
  context.cursor.skip(size);
  context.enter_tunnel(Overlay::kAyiya, 0);
  return next_header == kIpv4InIp ? ProtocolId::kIpv4 : ProtocolId::kIpv6;
}

void describe_ayiya(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "ayiya", offset);
  std::uint64_t word = 0;
  if (!header.read(0, 4, word)) return;
  header.bits("identity_length", 0, 1, 4, 4);
  header.bits("identity_type", 0, 1, 0, 4);
  header.bits("signature_length", 1, 1, 4, 4);
  header.bits("hash_method", 1, 1, 0, 4);
  header.bits("authentication_method", 2, 1, 4, 4);
  header.bits("operation_code", 2, 1, 0, 4);
  header.number("next_header", 3, 1);
  header.number("epoch", 4, 4);
  header.blob("identity", kHeaderBytes, identity_bytes(word));
  header.blob("signature", kHeaderBytes + identity_bytes(word), signature_bytes(word));
}

}  // namespace wireglass
