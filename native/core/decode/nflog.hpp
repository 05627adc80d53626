#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// LINKTYPE_NFLOG: a header with type-length-value fields of Linux netfilter, one of which holds the packet.
ProtocolId parse_nflog(DecodeContext& context);
void describe_nflog(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
