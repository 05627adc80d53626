#pragma once

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// A MACsec security tag, IEEE 802.1AE section 9.3. A frame that is only protected against change is
/// followed; an encrypted one is refused as such.
ProtocolId parse_macsec(DecodeContext& context);
void describe_macsec(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
