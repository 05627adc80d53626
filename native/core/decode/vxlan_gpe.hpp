#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe section 3): a header field tells what is inside.
ProtocolId parse_vxlan_gpe(DecodeContext& context);
void describe_vxlan_gpe(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
