#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// IP over IEEE 1394 as Apple captures it (RFC 2734): two EUI-64 and an EtherType.
ProtocolId parse_apple_ieee1394(DecodeContext& context);
void describe_apple_ieee1394(Dissector& dissector, std::uint32_t offset);

/// LINKTYPE_IPOIB (RFC 4391 section 6): the pseudo-header with the addresses, then the four octets that were
/// on the wire.
ProtocolId parse_ipoib(DecodeContext& context);
void describe_ipoib(Dissector& dissector, std::uint32_t offset);

/// LINKTYPE_SYMANTEC_FIREWALL, version 2.
ProtocolId parse_symantec_firewall(DecodeContext& context);
void describe_symantec_firewall(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
