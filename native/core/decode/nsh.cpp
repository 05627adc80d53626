#include "decode/nsh.hpp"

#include <array>

namespace wireglass {
namespace {

constexpr std::uint32_t kHeaderBytes = 8;  // base and service path headers

// RFC 8300 section 2.2, next protocol.
constexpr std::array<ProtocolId, 6> kNextProtocols = {ProtocolId::kEnd,  ProtocolId::kIpv4,
                                                      ProtocolId::kIpv6, ProtocolId::kEthernet,
                                                      ProtocolId::kNsh,  ProtocolId::kMpls};

std::uint32_t header_bytes_of(std::uint64_t first_word) { return (first_word >> 16 & 0x3f) * 4; }

}  // namespace

ProtocolId parse_nsh(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kNsh)) return ProtocolId::kEnd;
  const auto header = context.cursor.peek<kHeaderBytes>();
  if (!header) return context.refuse_short(kHeaderBytes);
  const std::uint32_t header_bytes = header_bytes_of(header.u32<0>());
  if (header_bytes < kHeaderBytes) return context.refuse(DecodeStatus::kMalformed);
  if (context.decoded().ip_layer_count == 0) context.enter_tunnel(Overlay::kNsh, header.u32<4>() >> 8);
  if (!context.cursor.skip(header_bytes)) return context.refuse_short(header_bytes);
  const std::uint8_t next_protocol = header.u8<3>();
  return next_protocol < kNextProtocols.size() ? kNextProtocols[next_protocol] : ProtocolId::kEnd;
}

void describe_nsh(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "nsh", offset);
  header.bits("version", 0, 2, 14, 2);
  header.bits("flag_oam", 0, 2, 13);
  header.bits("time_to_live", 0, 2, 6, 6);
  header.bits("length", 0, 2, 0, 6);
  header.bits("metadata_type", 2, 1, 0, 4);
  header.number("next_protocol", 3, 1);
  header.number("service_path_id", 4, 3);
  header.number("service_index", 7, 1);
  std::uint64_t first_word = 0;
  if (!header.read(0, 4, first_word)) return;
  const std::uint32_t header_bytes = header_bytes_of(first_word);
  if (header_bytes > kHeaderBytes) header.blob("context", kHeaderBytes, header_bytes - kHeaderBytes);
  header.extend(header_bytes);
}

}  // namespace wireglass
