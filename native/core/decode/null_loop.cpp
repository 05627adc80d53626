#include "decode/null_loop.hpp"

#include <array>
#include <string>

#include "decode/ethertype.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kHeaderBytes = 4;

struct FamilyRow {
  std::uint32_t family;
  ProtocolId protocol;
};
// AF_INET is 2 everywhere; AF_INET6 is what the system that captured has it as.
constexpr std::array<FamilyRow, 6> kFamilies = {{
    {2, ProtocolId::kIpv4},
    {10, ProtocolId::kIpv6},  // Linux
    {23, ProtocolId::kIpv6},  // Windows
    {24, ProtocolId::kIpv6},  // NetBSD, OpenBSD
    {28, ProtocolId::kIpv6},  // FreeBSD
    {30, ProtocolId::kIpv6},  // Darwin
}};

// LINKTYPE_NULL has the capturing host's byte order and LINKTYPE_LOOP the network's. Families are small
// numbers, so that the half which is not 0 tells the order.
std::uint32_t family_of(std::uint32_t big_endian) {
  return (big_endian & 0xffff0000) != 0 ? __builtin_bswap32(big_endian) : big_endian;
}

}  // namespace

ProtocolId parse_null_loop(DecodeContext& context) {
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!context.add_header(ProtocolId::kNullLoop)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kHeaderBytes);
  context.cursor.skip(kHeaderBytes);
  const std::uint32_t family = family_of(header.u32<0>());
  for (const FamilyRow& row : kFamilies) {
    if (row.family == family) return row.protocol;
  }
  // Some BSD drivers put an EtherType in place of the family, others in its second half.
  if (family >= kFirstEthertype && family <= UINT16_MAX) {
    return protocol_of_ethertype(static_cast<std::uint16_t>(family));
  }
  return protocol_of_ethertype(header.u16<2>());
}

void describe_null_loop(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "null_loop", offset);
  std::uint64_t family = 0;
  if (!header.read(0, kHeaderBytes, family)) return;
  header.text("family", 0, kHeaderBytes, std::to_string(family_of(static_cast<std::uint32_t>(family))));
}

}  // namespace wireglass
