#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// LINKTYPE_ENC and LINKTYPE_PFLOG of the BSDs, LINKTYPE_IPNET of Solaris: headers that tell an address
/// family.
ProtocolId parse_enc(DecodeContext& context);
ProtocolId parse_pflog(DecodeContext& context);
ProtocolId parse_ipnet(DecodeContext& context);
void describe_enc(Dissector& dissector, std::uint32_t offset);
void describe_pflog(Dissector& dissector, std::uint32_t offset);
void describe_ipnet(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
