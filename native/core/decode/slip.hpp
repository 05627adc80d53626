#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// LINKTYPE_SLIP (RFC 1055): 16 octets of the capturing host, then IP. Compressed TCP headers (RFC 1144) need
/// the packets before them and are not followed.
ProtocolId parse_slip(DecodeContext& context);
void describe_slip(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
