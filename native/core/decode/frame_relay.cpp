#include "decode/frame_relay.hpp"

#include "decode/ethertype.hpp"
#include "decode/llc.hpp"
#include "decode/nlpid.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kMaxAddressBytes = 4;
constexpr std::uint8_t kAddressEnds = 0x01;
constexpr std::uint8_t kUnnumberedInformation = 0x03;
constexpr std::uint8_t kNlpidSnap = 0x80;
constexpr std::uint32_t kSnapBytes = 5;

// Octets of the address field at `at`, 0 where they do not end within what was captured.
std::uint32_t address_bytes(const Cursor& cursor, std::uint32_t at) {
  for (std::uint32_t size = 1; size <= kMaxAddressBytes; ++size) {
    std::uint64_t octet = 0;
    if (!cursor.read_at(at + size - 1, 1, octet)) return 0;
    if ((octet & kAddressEnds) != 0) return size;
  }
  return 0;
}

// RFC 2427 section 4.2: a pad octet may stand in front of the NLPID to align what follows.
ProtocolId enter_rfc2427(DecodeContext& context) {
  auto nlpid = context.cursor.peek<1>();
  if (nlpid && nlpid.u8<0>() == 0) {
    context.cursor.skip(1);
    nlpid = context.cursor.peek<1>();
  }
  if (!nlpid) return context.refuse_short(1);
  context.cursor.skip(1);
  if (nlpid.u8<0>() != kNlpidSnap) return protocol_of_nlpid(nlpid.u8<0>());
  const auto snap = context.cursor.peek<kSnapBytes>();
  if (!snap) return context.refuse_short(kSnapBytes);
  context.cursor.skip(kSnapBytes);
  return protocol_of_snap(context, snap.u32<0>() >> 8, snap.u16<3>(), 0);
}

}  // namespace

ProtocolId parse_frame_relay(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kFrameRelay)) return ProtocolId::kEnd;
  const std::uint32_t size = address_bytes(context.cursor, context.cursor.offset());
  if (size == 0) {
    const bool is_cut = context.cursor.remaining() < context.wire_remaining();
    return context.refuse(is_cut ? DecodeStatus::kTruncated : DecodeStatus::kMalformed);
  }
  context.cursor.skip(size);
  const auto control = context.cursor.peek<1>();
  if (!control) return context.refuse_short(1);
  if (control.u8<0>() == kUnnumberedInformation) {
    context.cursor.skip(1);
    return enter_rfc2427(context);
  }
  // Cisco's encapsulation has an EtherType there; other control fields are those of signalling.
  const auto ethertype = context.cursor.peek<2>();
  if (!ethertype) return context.refuse_short(2);
  context.cursor.skip(2);
  return protocol_of_ethertype(ethertype.u16<0>());
}

void describe_frame_relay(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "frame_relay", offset);
  const std::uint32_t size = address_bytes(dissector.bytes(), offset);
  if (size == 0) return;
  header.hex("address", 0, size);
  std::uint64_t control = 0;
  if (!header.read(size, 1, control)) return;
  if (control != kUnnumberedInformation) return header.hex("ethertype", size, 2);
  header.hex("control", size, 1);
  std::uint32_t at = size + 1;
  std::uint64_t nlpid = 0;
  if (!header.read(at, 1, nlpid)) return;
  if (nlpid == 0) ++at;
  header.hex("nlpid", at, 1);
  if (!header.read(at, 1, nlpid) || nlpid != kNlpidSnap) return;
  header.hex("organization_code", at + 1, 3);
  header.hex("ethertype", at + 4, 2);
}

}  // namespace wireglass
