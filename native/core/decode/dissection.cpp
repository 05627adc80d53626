#include "decode/dissection.hpp"

#include <span>
#include <utility>

#include "decode/header_writer.hpp"
#include "decode/protocol_table.hpp"

namespace wireglass {

void Dissector::describe(const DecodedPacket& decoded) {
  for (const HeaderRef& header : std::span(decoded.headers).first(decoded.header_count)) {
    if (header.offset >= bytes_.end()) return;
    protocol_row(header.protocol).describe(*this, header.offset);
  }
}

void Dissector::describe_quoted(std::uint32_t offset, ProtocolId first) {
  if (in_quote_ || offset >= bytes_.end()) return;
  DecodedPacket quoted;
  decoder_.decode_from(packet_, offset, first, quoted);
  in_quote_ = true;
  describe(quoted);
  in_quote_ = false;
}

std::vector<DissectedHeader> dissect(const Decoder& decoder, const PacketView& packet) {
  DecodedPacket decoded;
  decoder.decode(packet, decoded);
  Dissector dissector(decoder, packet);
  dissector.describe(decoded);

  std::vector<DissectedHeader> headers = std::move(dissector.headers());
  const std::uint32_t payload = headers.empty() ? 0 : headers.back().offset + headers.back().length;
  const std::uint32_t end = dissector.bytes().end();
  if (payload < end) headers.push_back({"payload", payload, end - payload, {}});
  if (end < packet.captured_length) {
    headers.push_back({"trailer", end, packet.captured_length - end, {}});
  }
  return headers;
}

}  // namespace wireglass
