#pragma once

#include <cstdint>
#include <cstring>

#include "packet/generated/flow_enums.hpp"
#include "packet/ip_address.hpp"

namespace wireglass {

/// The key of a biflow, the same for both directions: endpoint a is the lower (address, port). The observation domain
/// is a property of the meter and needs no bytes here. Two keys are equal when their 48 bytes are.
struct FlowKey {
  IpAddress addr_a;
  IpAddress addr_b;
  std::uint16_t port_a = 0;
  std::uint16_t port_b = 0;
  std::uint16_t vlan_id = 0;
  std::uint16_t customer_vlan_id = 0;
  std::uint32_t tenant_id = 0;
  std::uint8_t protocol = 0;
  Overlay overlay = Overlay::kNone;
  std::uint16_t reserved = 0;  ///< always 0: keeps the bytes comparable

  friend bool operator==(const FlowKey& left, const FlowKey& right) {
    return std::memcmp(&left, &right, sizeof(FlowKey)) == 0;
  }
};
static_assert(sizeof(FlowKey) == 48, "a flow key has no padding");

}  // namespace wireglass
