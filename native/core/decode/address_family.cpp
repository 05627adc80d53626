#include "decode/address_family.hpp"

#include <array>

namespace wireglass {
namespace {

struct FamilyRow {
  std::uint32_t family;
  ProtocolId protocol;
};
// AF_INET is 2 everywhere; AF_INET6 is what the system that captured has it as.
constexpr std::array<FamilyRow, 7> kFamilies = {{
    {2, ProtocolId::kIpv4},
    {10, ProtocolId::kIpv6},  // Linux
    {23, ProtocolId::kIpv6},  // Windows
    {24, ProtocolId::kIpv6},  // NetBSD, OpenBSD
    {26, ProtocolId::kIpv6},  // Solaris
    {28, ProtocolId::kIpv6},  // FreeBSD
    {30, ProtocolId::kIpv6},  // Darwin
}};

}  // namespace

ProtocolId protocol_of_family(std::uint32_t family) {
  for (const FamilyRow& row : kFamilies) {
    if (row.family == family) return row.protocol;
  }
  return ProtocolId::kEnd;
}

}  // namespace wireglass
