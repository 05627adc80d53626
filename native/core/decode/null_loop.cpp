#include "decode/null_loop.hpp"

#include <string>

#include "decode/address_family.hpp"
#include "decode/ethertype.hpp"

namespace wireglass {
namespace {
constexpr std::uint32_t kHeaderBytes = 4;
constexpr std::uint16_t kPppAddressAndControl = 0xff03;
}  // namespace

ProtocolId parse_null_loop(DecodeContext& context) {
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!context.add_header(ProtocolId::kNullLoop)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kHeaderBytes);
  // Point-to-point interfaces that were captured as loopback have PPP in the family's place.
  if (header.u16<0>() == kPppAddressAndControl) return ProtocolId::kPpp;
  context.cursor.skip(kHeaderBytes);
  const std::uint32_t family = family_of(header.u32<0>());
  if (const ProtocolId next = protocol_of_family(family); next != ProtocolId::kEnd) return next;
  // Some BSD drivers put an EtherType in place of the family, others in its second half.
  if (family >= kFirstEthertype && family <= UINT16_MAX) {
    return protocol_of_ethertype(static_cast<std::uint16_t>(family));
  }
  return protocol_of_ethertype(header.u16<2>());
}

void describe_null_loop(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "null_loop", offset);
  std::uint64_t family = 0;
  if (!header.read(0, kHeaderBytes, family) || family >> 16 == kPppAddressAndControl) return;
  header.text("family", 0, kHeaderBytes, std::to_string(family_of(static_cast<std::uint32_t>(family))));
}

}  // namespace wireglass
