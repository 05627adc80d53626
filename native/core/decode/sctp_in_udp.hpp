#pragma once

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// An SCTP packet as the payload of a UDP datagram (RFC 6951): the association has the addresses of the
/// datagram and ports of its own.
ProtocolId parse_sctp_in_udp(DecodeContext& context);
void describe_sctp_in_udp(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
