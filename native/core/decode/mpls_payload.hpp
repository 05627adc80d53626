#pragma once

#include "decode/decode_context.hpp"

namespace wireglass {

inline constexpr std::uint32_t kControlWordBytes = 4;

/// What stands behind a label stack whose bottom label does not say it: kIpv4, kIpv6, kEthernet,
/// kPseudowire (Ethernet behind a control word) or kMplsChannel.
ProtocolId protocol_of_mpls_payload(const DecodeContext& context);

}  // namespace wireglass
