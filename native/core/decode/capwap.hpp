#pragma once

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// CAPWAP's data channel, RFC 5415 section 4: frames between an access point and its controller, as Ethernet
/// or, with the binding of RFC 5416, as IEEE 802.11. Of a fragmented frame the first fragment is followed.
ProtocolId parse_capwap(DecodeContext& context);
void describe_capwap(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
