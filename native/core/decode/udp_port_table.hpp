#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "decode/decoded_packet.hpp"

namespace wireglass {

/// A protocol and a UDP port that carries it.
struct UdpPort {
  std::uint16_t port = 0;
  ProtocolId protocol = ProtocolId::kEnd;
};

/// Which protocol a UDP port carries, as configured. Nearly every datagram is of none of them: one cache line
/// of bits says so; only ports that share their bit are looked up.
class UdpPortTable {
 public:
  /// Of rows with the same port the first one counts.
  explicit UdpPortTable(std::span<const UdpPort> ports);

  /// By destination port first, then by source port (a reply, or a capture of one side); kEnd where neither
  /// is known.
  ProtocolId find(std::uint16_t src_port, std::uint16_t dst_port) const {
    if (!may_hold(src_port) && !may_hold(dst_port)) [[likely]] {
      return ProtocolId::kEnd;
    }
    const ProtocolId by_destination = look_up(dst_port);
    return by_destination != ProtocolId::kEnd ? by_destination : look_up(src_port);
  }

 private:
  static constexpr std::uint32_t kFilterBits = 512;

  bool may_hold(std::uint16_t port) const {
    return (filter_[port % kFilterBits / 64] >> (port % 64) & 1) != 0;
  }
  ProtocolId look_up(std::uint16_t port) const;

  alignas(64) std::array<std::uint64_t, kFilterBits / 64> filter_{};
  /// Open addressing by the port's low bits, never more than half full; a free slot has protocol kEnd.
  std::vector<UdpPort> slots_;
};

}  // namespace wireglass
