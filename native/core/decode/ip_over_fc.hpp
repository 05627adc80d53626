#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// LINKTYPE_IP_OVER_FC (RFC 4338 section 4, RFC 2625): the Network_Header, then LLC.
ProtocolId parse_ip_over_fc(DecodeContext& context);
void describe_ip_over_fc(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
