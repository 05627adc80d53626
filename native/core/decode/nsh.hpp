#pragma once

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// A network service header, RFC 8300 section 2. Inside an IP tunnel (VXLAN-GPE, GRE) that tunnel's tenant
/// stays; straight on a link, the service path identifier tells apart what is the same packet on its way.
ProtocolId parse_nsh(DecodeContext& context);
void describe_nsh(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
