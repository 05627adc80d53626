#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// Cisco HDLC: address, control and an EtherType (RFC 1547 section 4.3.1).
ProtocolId parse_cisco_hdlc(DecodeContext& context);
void describe_cisco_hdlc(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
