#pragma once

#include <bitset>
#include <cstdint>
#include <memory>

#include "traffic/lisp_header.hpp"
#include "traffic/lisp_sites.hpp"
#include "traffic/scripted_generator.hpp"
#include "traffic/text.hpp"

namespace wireglass {

/// What a LISP packet was made of, for those who check what others read from it.
struct LispPacket {
  LispHeader header;
  IpAddress outer_src;
  IpAddress outer_dst;
  IpAddress inner_src;
  IpAddress inner_dst;
  std::uint16_t outer_src_port = 0;
  std::uint16_t inner_src_port = 0;  ///< 0 for an echo
  std::uint16_t inner_dst_port = 0;
  std::uint8_t inner_protocol = 0;
  bool outer_ipv6 = false;
  bool inner_ipv6 = false;
  bool has_udp_checksum = false;  ///< otherwise the outer UDP checksum is zero (RFC 9300 section 5.3)
};

/// AI inference between clients and servers in LISP sites. Conversation n goes through variant n / 2 mod 16
/// of the header and mix n / 32 mod 4 of address families; where the header carries an instance ID,
/// conversations 2 k and 2 k + 1 are two tenants with the same inner 5-tuple. Every second pair of sites
/// sends no outer UDP checksum.
class LispAiFamily final : public ConversationFamily {
 public:
  explicit LispAiFamily(std::uint64_t seed);

  void plan(Conversation& conversation, FrameScratch& scratch) override;
  FrameLengths encode(const Conversation& conversation, const Segment& segment, FrameScratch& scratch,
                      TrafficLedger& ledger) override;

  /// The packet that was made last.
  const LispPacket& last_packet() const { return last_; }

 private:
  void plan_endpoints(Conversation& conversation, std::uint64_t tuple) const;
  void write_payload(const Conversation& conversation, const Segment& segment, FrameScratch& scratch) const;
  LispHeader header_of(const Conversation& conversation, const Segment& segment);
  void count_outer(const LispTunnel& tunnel, bool from_server, TrafficLedger& ledger);

  static constexpr std::size_t kSourcePorts = 16384;
  static constexpr std::size_t kTunnels = static_cast<std::size_t>(4) * kLispClientSites * kLispServerSites;

  std::uint64_t seed_;
  std::uint64_t planned_ = 0;
  std::uint64_t nonces_ = 0;
  TextPools pools_;
  LispPacket last_;
  /// Outer conversations seen: direction, address family and pair of sites, then source port.
  std::unique_ptr<std::bitset<kTunnels * kSourcePorts>> outer_seen_;
};

}  // namespace wireglass
