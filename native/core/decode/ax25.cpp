#include "decode/ax25.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kAddressBytes = 7;
constexpr std::uint32_t kMinAddresses = 2;
constexpr std::uint32_t kMaxAddresses = 10;  // with eight repeaters
constexpr std::uint8_t kLastAddress = 0x01;
constexpr std::uint8_t kSupervisoryOrUnnumbered = 0x01;
constexpr std::uint8_t kUnnumberedInformation = 0x03;
constexpr std::uint8_t kPollFinal = 0x10;
constexpr std::uint8_t kIpProtocolId = 0xcc;

// Octets of the address field at `at`, 0 where it does not end within what was captured.
std::uint32_t address_field_bytes(const Cursor& cursor, std::uint32_t at) {
  for (std::uint32_t count = 1; count <= kMaxAddresses; ++count) {
    std::uint64_t last = 0;
    if (!cursor.read_at(at + count * kAddressBytes - 1, 1, last)) return 0;
    if ((last & kLastAddress) != 0) return count >= kMinAddresses ? count * kAddressBytes : 0;
  }
  return 0;
}

}  // namespace

ProtocolId parse_ax25(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kAx25)) return ProtocolId::kEnd;
  const std::uint32_t size = address_field_bytes(context.cursor, context.cursor.offset());
  if (size == 0) {
    const bool is_cut = context.cursor.remaining() < context.wire_remaining();
    return context.refuse(is_cut ? DecodeStatus::kTruncated : DecodeStatus::kMalformed);
  }
  context.cursor.skip(size);
  const auto control = context.cursor.peek<2>();
  if (!control) return context.wire_remaining() < 2 ? ProtocolId::kEnd : context.refuse_short(2);
  const std::uint8_t kind = control.u8<0>() & ~kPollFinal;
  const bool carries_protocol = (kind & kSupervisoryOrUnnumbered) == 0 || kind == kUnnumberedInformation;
  context.cursor.skip(2);
  return carries_protocol && control.u8<1>() == kIpProtocolId ? ProtocolId::kIpv4 : ProtocolId::kEnd;
}

void describe_ax25(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "ax25", offset);
  const std::uint32_t size = address_field_bytes(dissector.bytes(), offset);
  header.blob("addresses", 0, size);
  if (size == 0) return;
  header.hex("control", size, 1);
  header.hex("protocol_id", size + 1, 1);
}

ProtocolId parse_ax25_kiss(DecodeContext& context) {
  const auto command = context.cursor.peek<1>();
  if (!context.add_header(ProtocolId::kAx25Kiss)) return ProtocolId::kEnd;
  if (!command) return context.refuse_short(1);
  context.cursor.skip(1);
  const bool is_data = (command.u8<0>() & 0x0f) == 0;  // the upper bits are the modem's port
  return is_data ? ProtocolId::kAx25 : ProtocolId::kEnd;
}

void describe_ax25_kiss(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter(dissector, "ax25_kiss", offset).hex("command", 0, 1);
}

}  // namespace wireglass
