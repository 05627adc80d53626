#pragma once

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// A provider backbone bridge's service tag, IEEE 802.1ah (802.1Q section 9.7), with a customer's Ethernet
/// frame behind it. Its service identifier is the tenant: customers may use the same addresses.
ProtocolId parse_pbb(DecodeContext& context);
void describe_pbb(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
