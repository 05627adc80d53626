#include "decode/pim.hpp"

namespace wireglass {
namespace {
constexpr std::uint32_t kRegisterBytes = 8;
constexpr std::uint8_t kVersion2Register = 0x21;
constexpr std::uint32_t kNullRegister = 0x40000000;
}  // namespace

ProtocolId parse_pim(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kPim)) return ProtocolId::kEnd;
  const auto start = context.cursor.peek<1>();
  if (context.wire_remaining() < kRegisterBytes || (start && start.u8<0>() != kVersion2Register)) {
    return ProtocolId::kEnd;
  }
  const auto header = context.cursor.peek<kRegisterBytes>();
  if (!header) return context.stop_inside(DecodeStatus::kTruncated);
  // A null register tells of a source with the header of a packet that was never sent.
  if ((header.u32<4>() & kNullRegister) != 0) return ProtocolId::kEnd;
  context.enter_tunnel(Overlay::kIpInIp, 0);
  context.cursor.skip(kRegisterBytes);
  return ProtocolId::kRawIp;
}

void describe_pim(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "pim", offset);
  header.bits("version", 0, 1, 4, 4);
  header.bits("type", 0, 1, 0, 4);
  header.hex("checksum", 2, 2);
  std::uint64_t start = 0;
  if (!header.read(0, 1, start) || start != kVersion2Register) return;
  header.bits("flag_border", 4, 4, 31);
  header.bits("flag_null_register", 4, 4, 30);
  header.extend(kRegisterBytes);
}

}  // namespace wireglass
