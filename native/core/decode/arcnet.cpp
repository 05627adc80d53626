#include "decode/arcnet.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kBsdBytes = 3;
constexpr std::uint32_t kLinuxBytes = 5;  // with the two octets of the offset that the hardware takes
constexpr std::uint8_t kIpRfc1051 = 240;
constexpr std::uint8_t kIpRfc1201 = 212;
constexpr std::uint8_t kIpv6Rfc1201 = 196;

// RFC 1201 section 2: split flag and sequence number; an exception packet has a filler in front.
constexpr std::uint32_t kFragmentBytes = 3;
constexpr std::uint8_t kException = 0xff;
constexpr std::uint32_t kExceptionBytes = 4;

ProtocolId enter_rfc1201(DecodeContext& context, ProtocolId next) {
  auto fragment = context.cursor.peek<kFragmentBytes>();
  if (fragment && fragment.u8<0>() == kException) {
    if (!context.cursor.skip(kExceptionBytes)) return context.refuse_short(kExceptionBytes);
    fragment = context.cursor.peek<kFragmentBytes>();
  }
  if (!fragment) return context.refuse_short(kFragmentBytes);
  context.cursor.skip(kFragmentBytes);
  // Odd in the first fragment, even in the later ones, which have no network header.
  const std::uint8_t split = fragment.u8<0>();
  return split == 0 || (split & 1) != 0 ? next : ProtocolId::kEnd;
}

template <std::uint32_t Bytes>
ProtocolId parse(DecodeContext& context, ProtocolId self) {
  const auto header = context.cursor.peek<Bytes>();
  if (!context.add_header(self)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(Bytes);
  context.cursor.skip(Bytes);
  switch (header.template u8<Bytes - 1>()) {
    case kIpRfc1051:
      return ProtocolId::kIpv4;
    case kIpRfc1201:
      return enter_rfc1201(context, ProtocolId::kIpv4);
    case kIpv6Rfc1201:
      return enter_rfc1201(context, ProtocolId::kIpv6);
    default:
      return ProtocolId::kEnd;
  }
}

void describe(HeaderWriter& header, std::uint32_t protocol_at) {
  header.number("source", 0, 1);
  header.number("destination", 1, 1);
  header.number("protocol", protocol_at, 1);
  std::uint64_t protocol = 0;
  if (!header.read(protocol_at, 1, protocol) || protocol == kIpRfc1051) return;
  std::uint32_t at = protocol_at + 1;
  std::uint64_t split = 0;
  if (header.read(at, 1, split) && split == kException) at += kExceptionBytes;
  header.number("split_flag", at, 1);
  header.number("sequence_number", at + 1, 2);
}

}  // namespace

ProtocolId parse_arcnet_bsd(DecodeContext& context) {
  return parse<kBsdBytes>(context, ProtocolId::kArcnetBsd);
}
void describe_arcnet_bsd(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "arcnet", offset);
  describe(header, kBsdBytes - 1);
}

ProtocolId parse_arcnet_linux(DecodeContext& context) {
  return parse<kLinuxBytes>(context, ProtocolId::kArcnetLinux);
}
void describe_arcnet_linux(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "arcnet", offset);
  describe(header, kLinuxBytes - 1);
}

}  // namespace wireglass
