#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// IEEE 802.2 LLC header; followed where SNAP (RFC 1042, IEEE 802.1H, RFC 2684), an NLPID or the service
/// access point of IP tells what it carries.
ProtocolId parse_llc(DecodeContext& context);
void describe_llc(Dissector& dissector, std::uint32_t offset);

/// Who follows a SNAP header that ends at the cursor. Bridged frames begin behind `bridge_pad_bytes`.
ProtocolId protocol_of_snap(DecodeContext& context, std::uint32_t organization, std::uint16_t type,
                            std::uint32_t bridge_pad_bytes);

}  // namespace wireglass
