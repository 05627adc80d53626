#include "decode/llc.hpp"

#include "decode/ethertype.hpp"

namespace wireglass {
namespace {
constexpr std::uint32_t kSnapBytes = 8;
constexpr std::uint8_t kSapSnap = 0xaa;
constexpr std::uint8_t kUnnumberedInformation = 0x03;
constexpr std::uint32_t kOrganizationEthertype = 0x000000;  // the type field is an EtherType
}  // namespace

ProtocolId parse_llc(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kLlc)) return ProtocolId::kEnd;
  // Other LLC frames (spanning tree, IPX, IS-IS) are shorter than SNAP and whole all the same: not IP, not
  // refused.
  const auto header = context.cursor.peek<kSnapBytes>();
  if (!header) return ProtocolId::kEnd;
  const bool is_snap = header.u8<0>() == kSapSnap && header.u8<1>() == kSapSnap;
  if (!is_snap || header.u8<2>() != kUnnumberedInformation) return ProtocolId::kEnd;
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
  if (!header.read(0, 3, start) || start != 0xaaaa03) return;
  header.hex("organization_code", 3, 3);
  header.hex("ethertype", 6, 2);
}

}  // namespace wireglass
