#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// LINKTYPE_SUNATM: four octets with virtual path and channel, then what the channel is used for.
ProtocolId parse_sunatm(DecodeContext& context);
void describe_sunatm(Dissector& dissector, std::uint32_t offset);

/// An AAL5 payload (RFC 2684): LLC, or with virtual channel multiplexing the packet by itself, as in
/// LINKTYPE_ATM_CLIP (RFC 2225). Adds no header of its own.
ProtocolId parse_atm_payload(DecodeContext& context);

/// ATM LAN emulation of Ethernet (af-lane-0021.000): the id of the emulation client, then the frame.
ProtocolId parse_lane(DecodeContext& context);
void describe_lane(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
