#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace wireglass {

/// What the recognition goes by beside the payload itself.
struct FlowTransport {
  std::uint8_t ip_protocol = 0;
  std::uint16_t port_a = 0;  ///< the ports in any order
  std::uint16_t port_b = 0;

  bool has_port(std::uint16_t port) const { return port_a == port || port_b == port; }
};

/// A packet's part of a flow's application data.
struct ApplicationPacket {
  bool forward = true;  ///< which of the flow's two directions; which one is the client's does not matter
  bool syn = false;     ///< the SYN that TCP Fast Open's data comes with takes a sequence number (RFC 7413)
  std::uint32_t tcp_sequence = 0;  ///< as it stands in the header
  std::uint32_t wire_payload_bytes = 0;
  std::span<const std::byte> payload;  ///< the captured ones of them
  bool from_b = false;                 ///< it comes from port_b; only the classifier asks
};

}  // namespace wireglass
