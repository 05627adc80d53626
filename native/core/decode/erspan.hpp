#pragma once

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// The header of a mirrored frame in GRE: ERSPAN type II and III (draft-foschiano-erspan). Its session
/// identifier is the tenant: two sessions may mirror the same packet. Type I has no header.
ProtocolId parse_erspan(DecodeContext& context);
void describe_erspan(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
