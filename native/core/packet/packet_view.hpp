#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/time.hpp"
#include "packet/link_type.hpp"

namespace wireglass {

/// One captured packet where the capture backend keeps it: valid until the PacketBatch that holds it is
/// released. VLAN tags that a kernel stripped are back in `data`.
struct PacketView {
  const std::byte* data = nullptr;
  std::uint32_t captured_length = 0;  ///< bytes at `data`, cut by the snaplen
  std::uint32_t original_length = 0;  ///< bytes on the wire, without frame check sequence
  TimeNs timestamp_ns = 0;
  std::uint32_t interface_id = 0;  ///< index into the capture backend's interfaces
  LinkType link_type = LinkType::kEthernet;

  std::span<const std::byte> bytes() const { return {data, captured_length}; }
};

}  // namespace wireglass
