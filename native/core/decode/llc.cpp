#include "decode/llc.hpp"

#include "decode/ethertype.hpp"

namespace wireglass {
namespace {
constexpr std::uint32_t kSnapBytes = 8;
constexpr std::uint32_t kLlcBytes = 4;     // with the first byte behind an unnumbered frame's header
constexpr std::uint32_t kSnap = 0xaaaa03;  // both service access points, unnumbered information
constexpr std::uint32_t kOrganizationEthertype = 0x000000;  // the type field is an EtherType
}  // namespace

ProtocolId parse_llc(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kLlc)) return ProtocolId::kEnd;
  const auto start = context.cursor.peek<kLlcBytes>();
  if (start && start.u32<0>() >> 8 != kSnap) return ProtocolId::kEnd;
  const auto header = context.cursor.peek<kSnapBytes>();
  if (!header) {
    // Other LLC frames (spanning tree, IS-IS) may be shorter than SNAP and are whole all the same.
    return context.wire_remaining() < kSnapBytes ? ProtocolId::kEnd : context.refuse_short(kSnapBytes);
  }
  if (header.u32<3>() >> 8 != kOrganizationEthertype) return ProtocolId::kEnd;
  context.cursor.skip(kSnapBytes);
  return protocol_of_ethertype(header.u16<6>());
}

void describe_llc(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "llc", offset);
  header.hex("dsap", 0, 1);
  header.hex("ssap", 1, 1);
  header.hex("control", 2, 1);
  std::uint64_t start = 0;
  if (!header.read(0, 3, start) || start != kSnap) return;
  header.hex("organization_code", 3, 3);
  header.hex("ethertype", 6, 2);
}

}  // namespace wireglass
