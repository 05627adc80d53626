#include "decode/mpls.hpp"

#include "decode/mpls_payload.hpp"
#include "decode/tunnel_inside.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kEntryBytes = 4;
constexpr std::uint8_t kUdpNumber = 17;
constexpr std::uint32_t kMaxLabels = 32;
constexpr std::uint32_t kBottomOfStack = 0x100;
constexpr std::uint32_t kChannelBytes = 4;
constexpr std::uint16_t kChannelIpv4 = 0x0021;
constexpr std::uint16_t kChannelIpv6 = 0x0057;

// Special-purpose labels (RFC 3032 section 2.1, RFC 5586, RFC 6790, RFC 3429).
constexpr std::uint32_t kIpv4ExplicitNull = 0;
constexpr std::uint32_t kIpv6ExplicitNull = 2;
constexpr std::uint32_t kEntropyIndicator = 7;
constexpr std::uint32_t kGenericAssociatedChannel = 13;
constexpr std::uint32_t kOamAlert = 14;
constexpr std::uint32_t kFirstOrdinaryLabel = 16;

struct LabelStack {
  std::uint32_t bottom = 0;
  std::uint32_t service = 0;  // the lowest label that stands for something, 0 where none does
};

// Moves the cursor behind the stack. False, with the status set, when it is cut or endless.
bool skip_stack(DecodeContext& context, LabelStack& stack) {
  bool is_entropy = false;
  for (std::uint32_t count = 0; count < kMaxLabels; ++count) {
    const auto entry = context.cursor.peek<kEntryBytes>();
    if (!entry) {
      context.refuse_short(kEntryBytes);
      return false;
    }
    context.cursor.skip(kEntryBytes);
    stack.bottom = entry.u32<0>() >> 12;
    if (stack.bottom >= kFirstOrdinaryLabel && !is_entropy) stack.service = stack.bottom;
    is_entropy = stack.bottom == kEntropyIndicator;
    if ((entry.u32<0>() & kBottomOfStack) != 0) return true;
  }
  context.refuse(DecodeStatus::kTooDeep);
  return false;
}

ProtocolId protocol_of_bottom(const DecodeContext& context, std::uint32_t label) {
  switch (label) {
    case kIpv4ExplicitNull:
      return ProtocolId::kIpv4;
    case kIpv6ExplicitNull:
      return ProtocolId::kIpv6;
    case kGenericAssociatedChannel:
      return ProtocolId::kMplsChannel;
    case kOamAlert:
      return ProtocolId::kEnd;
    default:
      return protocol_of_mpls_payload(context);
  }
}

}  // namespace

ProtocolId parse_mpls(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kMpls)) return ProtocolId::kEnd;
  const bool is_over_ip = context.decoded().ip_layer_count > 0;
  // Ahead of the stack, so that a cut one counts for the tunnel that carries it.
  if (is_over_ip) context.enter_tunnel(Overlay::kMpls, 0);
  LabelStack stack;
  if (!skip_stack(context, stack)) return ProtocolId::kEnd;
  if (context.cursor.remaining() == 0 && context.wire_remaining() > 0) return context.refuse_short(1);
  const ProtocolId next = protocol_of_bottom(context, stack.bottom);
  // Any datagram on the port of MPLS may look like a stack; one whose inside is no IP packet is none.
  const bool is_ip = next == ProtocolId::kIpv4 || next == ProtocolId::kIpv6;
  const bool is_over_udp = is_over_ip && context.decoded().flow_layer().protocol == kUdpNumber;
  if (is_over_udp && is_ip && plausible_ip(context, tunnel_remaining(context)) != next) {
    return context.refuse(DecodeStatus::kMalformed);
  }
  const bool is_pseudowire = next == ProtocolId::kPseudowire || next == ProtocolId::kEthernet;
  if (is_over_ip || is_pseudowire) context.enter_tunnel(Overlay::kMpls, stack.service);
  return next;
}

void describe_mpls(Dissector& dissector, std::uint32_t offset) {
  for (std::uint32_t count = 0; count < kMaxLabels; ++count, offset += kEntryBytes) {
    std::uint64_t entry = 0;
    if (!dissector.bytes().read_at(offset, kEntryBytes, entry)) return;
    HeaderWriter header(dissector, "mpls", offset);
    header.bits("label", 0, 4, 12, 20);
    header.bits("traffic_class", 0, 4, 9, 3);
    header.bits("bottom_of_stack", 0, 4, 8);
    header.number("time_to_live", 3, 1);
    if ((entry & kBottomOfStack) != 0) return;
  }
}

ProtocolId parse_pseudowire(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kPseudowire)) return ProtocolId::kEnd;
  if (!context.cursor.skip(kControlWordBytes)) return context.refuse_short(kControlWordBytes);
  return ProtocolId::kEthernet;
}

void describe_pseudowire(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "pseudowire_control_word", offset);
  header.bits("flags", 0, 4, 24, 4);
  header.bits("fragmentation", 0, 4, 22, 2);
  header.bits("length", 0, 4, 16, 6);
  header.number("sequence_number", 2, 2);
  header.extend(kControlWordBytes);
}

ProtocolId parse_mpls_channel(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kMplsChannel)) return ProtocolId::kEnd;
  const auto header = context.cursor.peek<kChannelBytes>();
  if (!header) return context.refuse_short(kChannelBytes);
  context.cursor.skip(kChannelBytes);
  switch (header.u16<2>()) {
    case kChannelIpv4:
      return ProtocolId::kIpv4;
    case kChannelIpv6:
      return ProtocolId::kIpv6;
    default:
      return ProtocolId::kEnd;
  }
}

void describe_mpls_channel(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "mpls_associated_channel", offset);
  header.bits("version", 0, 1, 0, 4);
  header.hex("channel_type", 2, 2);
  header.extend(kChannelBytes);
}

}  // namespace wireglass
