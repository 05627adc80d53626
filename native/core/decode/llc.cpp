#include "decode/llc.hpp"

#include "decode/ethertype.hpp"
#include "decode/nlpid.hpp"

namespace wireglass {
namespace {
constexpr std::uint32_t kSnapBytes = 8;
constexpr std::uint32_t kLlcBytes = 4;  // with the first byte behind an unnumbered frame's header
// Both service access points and the control field of unnumbered information.
constexpr std::uint32_t kSnap = 0xaaaa03;
constexpr std::uint32_t kIso = 0xfefe03;  // an NLPID follows (RFC 2684 section 5.2)
constexpr std::uint8_t kIpServiceAccessPoint = 0x06;
constexpr std::uint8_t kUnnumberedInformation = 0x03;

// What the type field of SNAP means by the organization in front of it.
constexpr std::uint32_t kEthertype = 0x000000;     // RFC 1042
constexpr std::uint32_t kBridgeTunnel = 0x0000f8;  // IEEE 802.1H
constexpr std::uint32_t kBridged = 0x0080c2;       // RFC 2684 section 5.2, RFC 2427 section 4.2
constexpr std::uint16_t kBridgedEthernetWithFcs = 0x0001;
constexpr std::uint16_t kBridgedEthernet = 0x0007;
// ATM and 802.3 align what is bridged.
constexpr std::uint32_t kBridgePadBytes = 2;
}  // namespace

ProtocolId protocol_of_snap(DecodeContext& context, std::uint32_t organization, std::uint16_t type,
                            std::uint32_t bridge_pad_bytes) {
  if (organization == kEthertype || organization == kBridgeTunnel) return protocol_of_ethertype(type);
  if (organization != kBridged) return ProtocolId::kEnd;
  if (type != kBridgedEthernet && type != kBridgedEthernetWithFcs) return ProtocolId::kEnd;
  if (!context.cursor.skip(bridge_pad_bytes)) return context.refuse_short(bridge_pad_bytes);
  return ProtocolId::kEthernet;
}

ProtocolId parse_llc(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kLlc)) return ProtocolId::kEnd;
  const auto start = context.cursor.peek<kLlcBytes>();
  if (start && start.u32<0>() >> 8 != kSnap) {
    if (start.u32<0>() >> 8 == kIso) {
      context.cursor.skip(kLlcBytes);
      return protocol_of_nlpid(start.u8<3>());
    }
    const bool is_ip = start.u8<0>() == kIpServiceAccessPoint && start.u8<2>() == kUnnumberedInformation;
    context.cursor.skip(kLlcBytes - 1);
    return is_ip ? ProtocolId::kIpv4 : ProtocolId::kEnd;
  }
  const auto header = context.cursor.peek<kSnapBytes>();
  if (!header) {
    // Other LLC frames (spanning tree, IS-IS) may be shorter than SNAP and are whole all the same.
    return context.wire_remaining() < kSnapBytes ? ProtocolId::kEnd : context.refuse_short(kSnapBytes);
  }
  context.cursor.skip(kSnapBytes);
  return protocol_of_snap(context, header.u32<3>() >> 8, header.u16<6>(), kBridgePadBytes);
}

void describe_llc(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "llc", offset);
  header.hex("dsap", 0, 1);
  header.hex("ssap", 1, 1);
  header.hex("control", 2, 1);
  std::uint64_t start = 0;
  if (!header.read(0, 3, start)) return;
  if (start == kIso) header.hex("nlpid", 3, 1);
  if (start != kSnap) return;
  header.hex("organization_code", 3, 3);
  header.hex("ethertype", 6, 2);
  std::uint64_t protocol = 0;
  if (header.read(3, 5, protocol) && protocol >> 16 == kBridged) header.extend(kSnapBytes + kBridgePadBytes);
}

}  // namespace wireglass
