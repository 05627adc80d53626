#include "decode/mpls_payload.hpp"

#include <algorithm>
#include <array>

#include "decode/ethertype.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kEthernetBytes = 14;
constexpr std::uint32_t kVlanBytes = 4;
constexpr std::uint32_t kMaxVlans = 4;
constexpr std::uint32_t kIpv4Bytes = 20;
constexpr std::uint32_t kIpv6Bytes = 40;
constexpr std::uint32_t kChannelStart = 0x1000;

// What bridges carry and the decoder does not follow.
constexpr std::array<std::uint16_t, 6> kOtherEthertypes = {0x0806, 0x8863, 0x8902, 0x88cc, 0x88f7, 0x9000};

std::uint64_t number_at(const DecodeContext& context, std::uint32_t at, std::uint32_t size) {
  std::uint64_t value = 0;
  context.cursor.read_at(context.cursor.offset() + at, size, value);
  return value;
}

// Do the octets that begin `at` behind the cursor read as an Ethernet frame of a known kind?
bool looks_like_ethernet(const DecodeContext& context, std::uint32_t at) {
  std::uint32_t type_end = at + kEthernetBytes;
  auto type = static_cast<std::uint16_t>(number_at(context, type_end - 2, 2));
  for (std::uint32_t vlans = 0; vlans < kMaxVlans && protocol_of_ethertype(type) == ProtocolId::kVlan;
       ++vlans) {
    type_end += kVlanBytes;
    type = static_cast<std::uint16_t>(number_at(context, type_end - 2, 2));
  }
  if (type < kFirstEthertype) {
    // Spanning tree, SNAP, IS-IS: the service access points that are in use.
    const auto llc = number_at(context, type_end, 3);
    return type > 2 && (llc == 0x424203 || llc == 0xaaaa03 || llc == 0xfefe03);
  }
  const ProtocolId next = protocol_of_ethertype(type);
  const std::uint64_t version = number_at(context, type_end, 1) >> 4;
  if (next == ProtocolId::kIpv4) return version == 4;
  if (next == ProtocolId::kIpv6) return version == 6;
  return next != ProtocolId::kEnd || std::ranges::find(kOtherEthertypes, type) != kOtherEthertypes.end();
}

bool has_valid_ipv4_checksum(const DecodeContext& context, std::uint32_t header_bytes) {
  std::uint64_t sum = 0;
  for (std::uint32_t at = 0; at < header_bytes; at += 2) sum += number_at(context, at, 2);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return sum == 0xffff;
}

// A MAC address may begin with a 4, too. Where the octets read as both, the header checksum tells.
bool is_ipv4(const DecodeContext& context) {
  if (!looks_like_ethernet(context, 0)) return true;
  const auto header_bytes = static_cast<std::uint32_t>((number_at(context, 0, 1) & 0x0f) * 4);
  const std::uint64_t total_length = number_at(context, 2, 2);
  return header_bytes >= kIpv4Bytes && total_length >= header_bytes &&
         total_length <= context.wire_remaining() && has_valid_ipv4_checksum(context, header_bytes);
}

bool is_ipv6(const DecodeContext& context) {
  return !looks_like_ethernet(context, 0) ||
         number_at(context, 4, 2) + kIpv6Bytes == context.wire_remaining();
}

}  // namespace

ProtocolId protocol_of_mpls_payload(const DecodeContext& context) {
  const auto first = context.cursor.peek<1>();
  if (!first) return ProtocolId::kEnd;
  switch (first.u8<0>() >> 4) {
    case 4:
      return is_ipv4(context) ? ProtocolId::kIpv4 : ProtocolId::kEthernet;
    case 6:
      return is_ipv6(context) ? ProtocolId::kIpv6 : ProtocolId::kEthernet;
    case 1:
      // A channel has version 0 and eight zeros in front of its type (RFC 5586 section 2.1).
      return number_at(context, 0, 2) == kChannelStart && !looks_like_ethernet(context, 0)
                 ? ProtocolId::kMplsChannel
                 : ProtocolId::kEthernet;
    case 0:
      return looks_like_ethernet(context, 0) && !looks_like_ethernet(context, kControlWordBytes)
                 ? ProtocolId::kEthernet
                 : ProtocolId::kPseudowire;
    default:
      return ProtocolId::kEthernet;
  }
}

}  // namespace wireglass
