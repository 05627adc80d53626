#pragma once

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

// Headers that carry a whole Ethernet frame from switch to switch of one fabric, with the frame's own VLAN
// tags in it.

/// Cisco FabricPath, EtherType 0x8903.
ProtocolId parse_fabric_path(DecodeContext& context);
void describe_fabric_path(Dissector& dissector, std::uint32_t offset);

/// TRILL, RFC 6325 section 3.
ProtocolId parse_trill(DecodeContext& context);
void describe_trill(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
