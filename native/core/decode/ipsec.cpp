#include "decode/ipsec.hpp"

namespace wireglass {

ProtocolId parse_esp(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kEsp)) return ProtocolId::kEnd;
  return context.stop_inside(DecodeStatus::kEncrypted);
}

void describe_esp(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "esp", offset);
  header.hex("spi", 0, 4);
  header.number("sequence_number", 4, 4);
}

ProtocolId parse_ip_comp(DecodeContext& context) {
  if (!context.add_header(ProtocolId::kIpComp)) return ProtocolId::kEnd;
  return context.stop_inside(DecodeStatus::kCompressed);
}

void describe_ip_comp(Dissector& dissector, std::uint32_t offset) {
  HeaderWriter header(dissector, "ip_comp", offset);
  header.number("next_header", 0, 1);
  header.hex("flags", 1, 1);
  header.number("compression_parameter_index", 2, 2);
}

}  // namespace wireglass
