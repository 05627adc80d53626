#pragma once

#include <array>
#include <cstdint>

#include "packet/ip_address.hpp"

namespace wireglass {

enum class Transport : std::uint8_t { kTcp, kUdp, kIcmpEcho };

/// One thing that one side says: a stretch of a TCP stream, a datagram, an echo.
struct Message {
  std::uint32_t bytes = 0;
  std::uint32_t gap_us = 0;  ///< pause before it
  bool from_server = false;
};

/// The LISP tunnel that a conversation runs through, where it does.
struct LispTunnel {
  bool present = false;
  bool outer_ipv6 = false;
  std::uint8_t variant = 0;  ///< index of lisp_variant()
  std::uint8_t client_site = 0;
  std::uint8_t server_site = 0;
  std::uint32_t instance_id = 0;
};

/// One packet of a conversation, without addresses.
struct Segment {
  std::uint32_t seq = 0;
  std::uint32_t ack = 0;
  std::uint32_t offset = 0;   ///< of the payload within its message
  std::uint32_t bytes = 0;    ///< of payload
  std::uint32_t wait_us = 0;  ///< until the conversation's next packet
  std::uint8_t message = 0;
  std::uint8_t tcp_flags = 0;
  bool from_server = false;
  bool last = false;  ///< the conversation ends with this packet
};

/// A planned exchange of messages between two hosts and how far it has come. TCP is played through from SYN
/// to FIN (or RST) with sequence numbers that fit; the receiver acknowledges every second segment and each
/// message's end.
struct Conversation {
  static constexpr std::uint8_t kMaxMessages = 48;

  IpAddress client;
  IpAddress server;
  std::uint64_t seed = 0;  ///< what the content of its messages is drawn from
  std::uint16_t client_port = 0;
  std::uint16_t server_port = 0;
  std::uint16_t vlan_id = 0;
  Transport transport = Transport::kTcp;
  bool ipv6 = false;
  bool resets = false;      ///< TCP: the client ends with RST
  bool new_biflow = true;   ///< its key, tenant included, appears for the first time
  bool new_tuple = true;    ///< the same without the tenant
  std::uint8_t family = 0;  ///< index of the family that planned it
  std::uint8_t application = 0;
  std::uint8_t message_count = 0;
  std::uint32_t mss = 1460;
  std::uint32_t rtt_us = 1000;
  std::uint32_t linger_us = 0;  ///< TCP: how long the client keeps the connection open when all is said
  LispTunnel tunnel;
  std::array<Message, kMaxMessages> messages;

  void add_message(bool from_server, std::uint32_t bytes, std::uint32_t gap_us) {
    messages[message_count++] = {bytes, gap_us, from_server};
  }

  /// Makes the next packet.
  Segment step();

  bool begun() const { return packets_made_ > 0; }

  /// Packets from the current state to the end.
  std::uint32_t packets_left() const;

 private:
  enum class Phase : std::uint8_t { kSyn, kSynAck, kHandshakeAck, kData, kAck, kFin, kPeerFin, kLastAck };

  Segment tcp_step();
  Segment datagram_step();
  void send_data(Segment& segment);
  void after_data(Segment& segment, bool message_ended);
  void next_message(Segment& segment);
  /// Between a packet of one side and the other side's answer, as seen near the client.
  std::uint32_t answer_us(bool server_answers) const;

  std::uint32_t client_seq_ = 0;
  std::uint32_t server_seq_ = 0;
  std::uint32_t offset_ = 0;
  std::uint32_t packets_made_ = 0;
  std::uint8_t message_ = 0;
  std::uint8_t unacknowledged_ = 0;
  Phase phase_ = Phase::kSyn;
};

}  // namespace wireglass
