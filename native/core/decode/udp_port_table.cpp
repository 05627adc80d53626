#include "decode/udp_port_table.hpp"

#include <bit>

namespace wireglass {

UdpPortTable::UdpPortTable(std::span<const UdpPort> ports) : slots_(std::bit_ceil(2 * ports.size() + 1)) {
  for (const UdpPort& row : ports) {
    std::size_t at = row.port % slots_.size();
    while (slots_[at].protocol != ProtocolId::kEnd && slots_[at].port != row.port) {
      at = (at + 1) % slots_.size();
    }
    if (slots_[at].protocol != ProtocolId::kEnd) continue;
    slots_[at] = row;
    filter_[row.port % kFilterBits / 64] |= std::uint64_t{1} << (row.port % 64);
  }
}

ProtocolId UdpPortTable::look_up(std::uint16_t port) const {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = port & mask;; at = (at + 1) & mask) {
    const UdpPort& slot = slots_[at];
    if (slot.protocol == ProtocolId::kEnd || slot.port == port) return slot.protocol;
  }
}

}  // namespace wireglass
