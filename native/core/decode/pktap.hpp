#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// LINKTYPE_PKTAP: the header of Apple's pktap interfaces, which tells the link type behind it.
ProtocolId parse_pktap(DecodeContext& context);
void describe_pktap(Dissector& dissector, std::uint32_t offset);

/// The same where it may be something else: macOS has written it under LINKTYPE_USER2, which is for private
/// use.
ProtocolId parse_pktap_or_private(DecodeContext& context);

}  // namespace wireglass
