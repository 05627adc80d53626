#pragma once

#include <array>
#include <cstdint>

#include "decode/decoded_packet.hpp"

namespace wireglass {

/// Which protocol a UDP port carries, as configured. A handful of rows: a scan of one cache line beats any
/// hash.
struct UdpPortTable {
  struct Row {
    std::uint16_t port = 0;
    ProtocolId protocol = ProtocolId::kEnd;
  };
  std::array<Row, 2> rows;

  /// By destination port first, then by source port (a reply, or a capture of one side); kEnd where neither
  /// is known.
  ProtocolId find(std::uint16_t src_port, std::uint16_t dst_port) const {
    ProtocolId by_source = ProtocolId::kEnd;
    for (const Row& row : rows) {
      if (row.port == dst_port) return row.protocol;
      if (row.port == src_port) by_source = row.protocol;
    }
    return by_source;
  }
};

}  // namespace wireglass
