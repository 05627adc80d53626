#pragma once

#include <cstdint>
#include <memory>

#include "decode/decoded_packet.hpp"
#include "meter/flow_key.hpp"
#include "packet/packet_view.hpp"

namespace wireglass {

/// Distinct unordered 5-tuples per transport protocol.
struct ConversationCounts {
  std::uint64_t tcp = 0;
  std::uint64_t udp = 0;
  std::uint64_t sctp = 0;

  friend bool operator==(const ConversationCounts&, const ConversationCounts&) = default;
};

/// Counts conversations (addresses, ports, protocol; no VLAN, no tenant, no timeouts) of the outermost IP
/// header and of all further ones, for `wireglass meter --summary`. Only headers with ports count: a later
/// fragment has none, its first fragment counts when it is seen. The memory grows with what is counted, to
/// kMaxConversations for the outer and as many for the inner ones: a tool for files.
class ConversationCounter {
 public:
  static constexpr std::uint64_t kMaxConversations = 16'777'216;

  ConversationCounter();
  ~ConversationCounter();
  ConversationCounter(const ConversationCounter&) = delete;
  ConversationCounter& operator=(const ConversationCounter&) = delete;

  /// Takes a packet that was decoded with any status; the layers found count.
  void observe(const PacketView& packet, const DecodedPacket& decoded);
  /// The same for a packet that make_plain_digest took, which has one IP header.
  void observe_plain(const FlowKey& key);
  /// Takes in what another counter has seen: conversations of both count once.
  void add(const ConversationCounter& other);
  ConversationCounts outer() const;
  ConversationCounts inner() const;
  /// IP headers of conversations that no longer fitted; while 0 the counts are exact.
  std::uint64_t overflowed() const;

 private:
  struct Sets;
  std::unique_ptr<Sets> sets_;
};

}  // namespace wireglass
