#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "decode/testing/tunnel_cases.hpp"
#include "decode/tunnel_identifier.hpp"

namespace wireglass::testing {

/// A packet with what the decoder shall find in it. Where everything is followed, the innermost layer is a
/// TCP segment from port 1000 to port 2000.
struct LayerCase {
  std::string name;
  PacketBuilder packet;
  unsigned ip_layers = 1;
  Overlay overlay = Overlay::kNone;
  std::uint32_t tunnel_id = 0;
  DecodeStatus status = DecodeStatus::kOk;
  DecodeStatus inner_status = DecodeStatus::kOk;
};

inline void expect_layers(const LayerCase& test, LinkType link_type) {
  const DecodedPacket decoded = decode(test.packet, link_type);
  EXPECT_EQ(decoded.status, test.status) << test.name;
  EXPECT_EQ(decoded.inner_status, test.inner_status) << test.name;
  if (test.status != DecodeStatus::kOk) return;
  ASSERT_EQ(decoded.ip_layer_count, test.ip_layers) << test.name;
  EXPECT_EQ(decoded.overlay, test.overlay) << test.name;
  EXPECT_EQ(decoded.tunnel_id(), test.tunnel_id) << test.name;
  EXPECT_EQ(decoded.teid != 0, test.tunnel_id != 0 && has_identifier_per_direction(test.overlay))
      << test.name;
  if (test.inner_status != DecodeStatus::kOk) return;
  EXPECT_EQ(decoded.flow_layer().src_port, 1000) << test.name;
  EXPECT_EQ(decoded.flow_layer().dst_port, 2000) << test.name;
  EXPECT_EQ(decoded.tcp_flags, 0x18) << test.name;
}

/// A cut by the snaplen is never a fault of the packet: it counts for an outer layer or is refused, as
/// truncated either way, until the innermost ports are there.
inline void expect_cuts_are_cuts(const LayerCase& test, LinkType link_type) {
  const DecodedPacket whole = decode(test.packet, link_type);
  const std::size_t ports_end = whole.flow_layer().transport_offset + 4U;
  for (std::size_t captured = 0; captured < test.packet.size(); ++captured) {
    const DecodedPacket cut = decode_cut(test.packet, captured, link_type);
    const DecodeStatus reason = cut.status != DecodeStatus::kOk ? cut.status : cut.inner_status;
    const DecodeStatus expected = captured < ports_end ? DecodeStatus::kTruncated : DecodeStatus::kOk;
    EXPECT_EQ(reason, expected) << test.name << " cut at " << captured;
  }
}

inline void expect_layers_of(const std::vector<LayerCase>& cases, LinkType link_type) {
  for (const LayerCase& test : cases) {
    expect_layers(test, link_type);
    if (test.status == DecodeStatus::kOk && test.inner_status == DecodeStatus::kOk) {
      expect_cuts_are_cuts(test, link_type);
    }
  }
}

}  // namespace wireglass::testing
