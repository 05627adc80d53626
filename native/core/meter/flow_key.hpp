#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "packet/generated/flow_enums.hpp"
#include "packet/ip_address.hpp"

namespace wireglass {

/// The key of a biflow, the same for both directions: endpoint a is the lower (address, port). The
/// observation domain is a property of the meter and needs no bytes here. Two keys are equal when their 48
/// bytes are.
struct FlowKey {
  IpAddress addr_a;
  IpAddress addr_b;
  std::uint16_t port_a = 0;
  std::uint16_t port_b = 0;
  std::uint32_t tenant_id = 0;
  // 64 bits without a gap, which keeps the bytes comparable. The inner VLANs are those of the frame inside
  // the tunnel.
  std::uint64_t vlan_id : 12 = 0;
  std::uint64_t customer_vlan_id : 12 = 0;
  std::uint64_t inner_vlan_id : 12 = 0;
  std::uint64_t inner_customer_vlan_id : 12 = 0;
  std::uint8_t protocol = 0;
  Overlay overlay : 7 = Overlay::kNone;
  FlowLayer layer : 1 = FlowLayer::kInnermost;

  using Words = std::array<std::uint64_t, 6>;

  Words words() const { return std::bit_cast<Words>(*this); }

  /// Without a branch per word: keys that are compared are nearly always equal.
  friend bool operator==(const FlowKey& left, const FlowKey& right) {
    const auto differs = [&](std::size_t word) {
      std::uint64_t a = 0;
      std::uint64_t b = 0;
      std::memcpy(&a, reinterpret_cast<const char*>(&left) + word * sizeof(a), sizeof(a));
      std::memcpy(&b, reinterpret_cast<const char*>(&right) + word * sizeof(b), sizeof(b));
      return a ^ b;
    };
    return (differs(0) | differs(1) | differs(2) | differs(3) | differs(4) | differs(5)) == 0;
  }
};
static_assert(sizeof(FlowKey) == 48, "a flow key has no padding");
static_assert(offsetof(FlowKey, tenant_id) == 36 && offsetof(FlowKey, protocol) == 46);
static_assert(kOverlayNames.size() <= 128 && kFlowLayerNames.size() <= 2);

}  // namespace wireglass
