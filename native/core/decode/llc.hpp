#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// IEEE 802.2 LLC header of an 802.3 frame; followed where SNAP carries an EtherType (RFC 1042).
ProtocolId parse_llc(DecodeContext& context);
void describe_llc(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
