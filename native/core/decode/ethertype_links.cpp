#include "decode/ethertype_links.hpp"

#include "decode/ethertype.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kIeee1394Bytes = 18;
constexpr std::uint32_t kIeee1394Type = 16;
constexpr std::uint32_t kIpoibBytes = 44;
constexpr std::uint32_t kIpoibType = 40;
constexpr std::uint32_t kSymantecBytes = 44;
constexpr std::uint32_t kSymantecType = 6;

template <std::uint32_t Bytes, std::uint32_t TypeAt>
ProtocolId parse(DecodeContext& context, ProtocolId self) {
  const auto header = context.cursor.peek<Bytes>();
  if (!context.add_header(self)) return ProtocolId::kEnd;
  if (!header) return context.refuse_short(Bytes);
  context.cursor.skip(Bytes);
  return protocol_of_ethertype(header.template u16<TypeAt>());
}

}  // namespace

ProtocolId parse_apple_ieee1394(DecodeContext& context) {
  return parse<kIeee1394Bytes, kIeee1394Type>(context, ProtocolId::kAppleIeee1394);
}
void describe_apple_ieee1394(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "apple_ieee1394", offset);
  header.hex("destination", 0, 8);
  header.hex("source", 8, 8);
  header.hex("ethertype", kIeee1394Type, 2);
}

ProtocolId parse_ipoib(DecodeContext& context) {
  return parse<kIpoibBytes, kIpoibType>(context, ProtocolId::kIpoib);
}
void describe_ipoib(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "ipoib", offset);
  header.blob("source_gid", 0, 16);
  header.hex("destination_queue_pair", 20, 4);
  header.blob("destination_gid", 24, 16);
  header.hex("ethertype", kIpoibType, 2);
  header.extend(kIpoibBytes);
}

ProtocolId parse_symantec_firewall(DecodeContext& context) {
  return parse<kSymantecBytes, kSymantecType>(context, ProtocolId::kSymantecFirewall);
}
void describe_symantec_firewall(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "symantec_firewall", offset);
  header.ipv4("interface_addr", 0);
  header.hex("ethertype", kSymantecType, 2);
  header.extend(kSymantecBytes);
}

}  // namespace wireglass
