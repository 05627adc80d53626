#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "packet/generated/flow_enums.hpp"
#include "packet/ip_address.hpp"

namespace wireglass {

/// What a packet's tunnel is made from: all of it follows from the connection.
struct TunnelFields {
  std::uint64_t hash = 0;    ///< of the connection, the same in both directions
  std::uint32_t tenant = 0;  ///< 24 bits
  bool forward = false;      ///< from the connection's lower endpoint
  bool inner_ipv6 = false;
  bool outer_ipv6 = false;
};

/// A packet that grows towards its front.
class TunnelledPacket {
 public:
  /// `size` bytes of an IP packet at `start`, with room for all headers in front.
  TunnelledPacket(std::byte* start, std::uint32_t size) : start_(start), size_(size) {}

  const std::byte* data() const { return start_; }
  std::uint32_t size() const { return size_; }

  std::byte* front(std::uint32_t bytes) {
    start_ -= bytes;
    size_ += bytes;
    return start_;
  }
  void inner_ethernet(const TunnelFields& fields);
  void outer_ethernet(const TunnelFields& fields);
  /// The outer Ethernet header in front of something that is no IP packet.
  void link_ethernet(const TunnelFields& fields, std::uint16_t ethertype);
  void udp(std::uint16_t src_port, std::uint16_t dst_port);
  void outer_ip(const TunnelFields& fields, std::uint8_t protocol);

 private:
  std::byte* start_;
  std::uint32_t size_;
};

/// What TunnelKind::wrap returns where no IP header is to come outside (IANA reserves the number).
inline constexpr std::uint8_t kWholeFrame = 255;

/// A way to carry a packet. `wrap` puts all between the inner packet and the outermost IP header, of which it
/// returns the protocol number; or all of it.
struct TunnelKind {
  Overlay overlay = Overlay::kNone;
  std::uint8_t (*wrap)(TunnelledPacket& packet, const TunnelFields& fields) = nullptr;  ///< null: no tunnel
  bool only_ipv6 = false;       ///< carries nothing else
  bool only_over_ipv6 = false;  ///< is carried by nothing else
};

std::uint16_t ethertype_of(bool ipv6);

std::span<const TunnelKind> tunnel_kinds();

/// Addresses of the outermost IP header and the source port that spreads connections over paths.
IpAddress tunnel_source(const TunnelFields& fields);
IpAddress tunnel_destination(const TunnelFields& fields);
std::uint16_t tunnel_source_port(const TunnelFields& fields);

}  // namespace wireglass
