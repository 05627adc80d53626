#include "decode/ethernet_wrappers.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kEponBytes = 8;
constexpr std::uint32_t kNetanalyzerBytes = 4;
constexpr std::uint32_t kPreambleBytes = 8;
constexpr std::uint32_t kBroadcomTagBytes = 4;

// Start delimiters of frames that begin here: express ones, and the first fragments of preemptable ones.
constexpr bool starts_frame(std::uint8_t delimiter) {
  return delimiter == 0xd5 || delimiter == 0xe6 || delimiter == 0x4c || delimiter == 0x7f ||
         delimiter == 0xb3;
}

ProtocolId skip_to_ethernet(DecodeContext& context, ProtocolId self, std::uint32_t size) {
  if (!context.add_header(self)) return ProtocolId::kEnd;
  return context.cursor.skip(size) ? ProtocolId::kEthernet : context.refuse_short(size);
}

// A word of the probe, least significant byte first: errors 8, GPIO 1, transparent 1, version 4, port 2,
// length 12, reserved 4 bits.
void describe_probe(HeaderWriter& header) {
  std::uint64_t word = 0;
  if (!header.read(0, kNetanalyzerBytes, word)) return;
  const std::uint32_t bits = __builtin_bswap32(static_cast<std::uint32_t>(word));
  header.hex("errors", 0, 1);
  header.text("version", 1, 1, std::to_string(bits >> 10 & 0x0f));
  header.text("port", 1, 1, std::to_string(bits >> 14 & 0x03));
  header.text("frame_length", 2, 2, std::to_string(bits >> 16 & 0x0fff));
}

}  // namespace

ProtocolId parse_epon(DecodeContext& context) {
  return skip_to_ethernet(context, ProtocolId::kEpon, kEponBytes);
}
void describe_epon(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "epon", offset);
  header.hex("logical_link_id", 5, 2);
  header.hex("checksum", 7, 1);
}

ProtocolId parse_netanalyzer(DecodeContext& context) {
  return skip_to_ethernet(context, ProtocolId::kNetanalyzer, kNetanalyzerBytes);
}
void describe_netanalyzer(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "netanalyzer", offset);
  describe_probe(header);
}

ProtocolId parse_netanalyzer_transparent(DecodeContext& context) {
  return skip_to_ethernet(context, ProtocolId::kNetanalyzerTransparent, kNetanalyzerBytes + kPreambleBytes);
}
void describe_netanalyzer_transparent(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "netanalyzer_transparent", offset);
  describe_probe(header);
  header.blob("preamble", kNetanalyzerBytes, kPreambleBytes);
}

ProtocolId parse_mpacket(DecodeContext& context) {
  const auto header = context.cursor.peek<kPreambleBytes>();
  if (!context.add_header(ProtocolId::kMpacket)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(kPreambleBytes);
  context.cursor.skip(kPreambleBytes);
  return starts_frame(header.u8<7>()) ? ProtocolId::kEthernet : ProtocolId::kEnd;
}
void describe_mpacket(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "mpacket", offset);
  header.blob("preamble", 0, kPreambleBytes - 1);
  header.hex("start_delimiter", kPreambleBytes - 1, 1);
}

ProtocolId parse_broadcom_prepended(DecodeContext& context) {
  return skip_to_ethernet(context, ProtocolId::kBroadcomPrepended, kBroadcomTagBytes);
}
void describe_broadcom_prepended(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter(dissector, "broadcom_tag", offset).hex("tag", 0, kBroadcomTagBytes);
}

}  // namespace wireglass
