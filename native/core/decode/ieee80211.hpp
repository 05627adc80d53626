#pragma once

#include <cstdint>

#include "decode/decode_context.hpp"
#include "decode/header_writer.hpp"

namespace wireglass {

/// IEEE 802.11 frame. Data frames in clear are followed into LLC; of an A-MSDU the first subframe only, as a
/// packet is metered once. Later fragments and protected frames carry nothing that can be read.
ProtocolId parse_ieee80211(DecodeContext& context);
void describe_ieee80211(Dissector& dissector, std::uint32_t offset);

/// The same where the sender may have exchanged the octets of the frame control field, as access points do in
/// CAPWAP.
ProtocolId parse_ieee80211_any_order(DecodeContext& context);
void describe_ieee80211_any_order(Dissector& dissector, std::uint32_t offset);

}  // namespace wireglass
