#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// L2TP over UDP: data messages of version 2 (RFC 2661 section 3.1: PPP) and version 3 (RFC 3931
/// section 4.1.2). Control messages carry no packets. Identifiers differ per direction and make no tenant.
ProtocolId parse_l2tp(DecodeContext& context);
void describe_l2tp(Dissector& dissector, std::uint32_t offset);

/// L2TP version 3 right over IP (RFC 3931 section 4.1.1).
ProtocolId parse_l2tp_ip(DecodeContext& context);
void describe_l2tp_ip(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
