#pragma once

#include <cstdint>
#include <memory>

#include "decode/decoded_packet.hpp"
#include "packet/packet_view.hpp"

namespace wireglass {

/// Distinct unordered 5-tuples per transport protocol.
struct ConversationCounts {
  std::uint64_t tcp = 0;
  std::uint64_t udp = 0;
  std::uint64_t sctp = 0;
};

/// Counts conversations (addresses, ports, protocol; no VLAN, no tenant, no timeouts) of the outermost IP header and
/// of all further ones, for `wireglass meter --summary`. Its memory grows with what it counts: a tool for files.
class ConversationCounter {
 public:
  ConversationCounter();
  ~ConversationCounter();
  void observe(const PacketView& packet, const DecodedPacket& decoded);
  ConversationCounts outer() const;
  ConversationCounts inner() const;

 private:
  struct Sets;
  std::unique_ptr<Sets> sets_;
};

}  // namespace wireglass
