#include "traffic/lisp_ai.hpp"

#include <algorithm>
#include <array>

#include "traffic/ai_content.hpp"
#include "traffic/random.hpp"
#include "traffic/wire.hpp"

namespace wireglass {
namespace {

enum Application : std::uint8_t { kInference, kUsageReport, kEcho };

constexpr std::uint32_t kClients = 512;
constexpr std::uint32_t kFirstClientPort = 32'768;
constexpr std::uint32_t kClientPorts = 28'000;
/// Keys come again after this many conversations.
constexpr std::uint64_t kTupleSpace = static_cast<std::uint64_t>(kClients) * kClientPorts;
constexpr std::uint32_t kServersPerSite = 6;
constexpr std::uint32_t kFirstEchoTarget = 1'000;  ///< behind the servers' numbers
constexpr std::uint16_t kInferencePort = 8000;
constexpr std::uint16_t kUsagePort = 7077;
constexpr std::uint32_t kInnerMss = 1340;
constexpr std::uint32_t kEchoBytes = 56;
constexpr std::uint16_t kFirstSourcePort = 49'152;
constexpr std::uint64_t kCoreMac = 0x0200'0000'0e01;
constexpr std::uint64_t kSiteMac = 0x0200'0000'0e02;

constexpr std::array<std::array<std::uint32_t, 2>, 4> kTenantPairs = {
    {{1001, 2002}, {0x00abcd, 0xfedcba}, {42, 43}, {7, 0xffffff}}};
constexpr std::array<std::uint32_t, kLispSites> kLocatorStatus = {0x1, 0x3, 0x8000'0007,
                                                                  0x5, 0x3, 0xf000'000f};

bool sends_checksum(const LispTunnel& tunnel) { return (tunnel.client_site + tunnel.server_site) % 2 == 0; }

/// Spreads flows over equal paths: the same for all packets of an inner flow (RFC 9300 section 5.3).
std::uint16_t source_port_of(const LispPacket& packet) {
  std::uint64_t hash = mix_bits(packet.inner_src.hi ^ mix_bits(packet.inner_src.lo));
  hash = mix_bits(hash ^ packet.inner_dst.hi ^ mix_bits(packet.inner_dst.lo + 1));
  hash = mix_bits(hash ^ (static_cast<std::uint64_t>(packet.inner_src_port) << 32 |
                          static_cast<std::uint64_t>(packet.inner_dst_port) << 8 | packet.inner_protocol));
  return static_cast<std::uint16_t>(kFirstSourcePort + (hash & 0x3fff));
}

}  // namespace

LispAiFamily::LispAiFamily(std::uint64_t seed)
    : seed_(mix_bits(seed ^ 0x115b)),
      pools_(seed),
      outer_seen_(std::make_unique<std::bitset<kTunnels * kSourcePorts>>()) {}

void LispAiFamily::plan(Conversation& conversation, FrameScratch& scratch) {
  const std::uint64_t number = planned_++;
  const std::uint64_t place = number % kTupleSpace;
  LispTunnel& tunnel = conversation.tunnel;
  tunnel.present = true;
  tunnel.variant = static_cast<std::uint8_t>(place / 2 % kLispVariants);
  tunnel.outer_ipv6 = place / 32 % 2 == 1;
  conversation.ipv6 = place / 64 % 2 == 1;
  const bool tenants = lisp_variant(tunnel.variant).instance;
  const bool twin = tenants && place % 2 == 1;
  const std::uint64_t tuple = twin ? place - 1 : place;
  conversation.new_biflow = number < kTupleSpace;
  conversation.new_tuple = conversation.new_biflow && !twin;
  conversation.seed = mix_bits(seed_ + number * 0x9e3779b97f4a7c15U);
  plan_endpoints(conversation, tuple);
  if (tenants) tunnel.instance_id = kTenantPairs[mix_bits(seed_ ^ tuple) % kTenantPairs.size()][twin ? 1 : 0];

  Random random(conversation.seed ^ 0x9147);
  conversation.mss = kInnerMss;
  conversation.rtt_us = random.between(2'000, 40'000);
  if (conversation.application == kInference) {
    conversation.resets = random.below(25) == 0;
    conversation.linger_us = draw_linger_us(random);
    plan_inference(conversation, pools_, scratch.message);
  } else if (conversation.application == kUsageReport) {
    plan_usage_report(conversation, scratch.message);
  } else {
    const std::uint32_t echoes = random.between(1, 5);
    for (std::uint32_t echo = 0; echo < echoes; ++echo) {
      conversation.add_message(false, kEchoBytes, 1'000'000);
      conversation.add_message(true, kEchoBytes, conversation.rtt_us);
    }
  }
}

void LispAiFamily::plan_endpoints(Conversation& conversation, std::uint64_t tuple) const {
  const std::uint64_t hash = mix_bits(seed_ + tuple * 0x2545f4914f6cdd1dU);
  const auto client = static_cast<std::uint32_t>(tuple % kClients);
  const auto visit = static_cast<std::uint32_t>(tuple / kClients);
  const bool ipv6 = conversation.ipv6;
  LispTunnel& tunnel = conversation.tunnel;
  tunnel.client_site =
      static_cast<std::uint8_t>(client * kLispClientSites / kClients + hash % kLispClientSites);
  tunnel.client_site %= kLispClientSites;
  tunnel.server_site = static_cast<std::uint8_t>(kLispClientSites + (hash >> 8) % kLispServerSites);
  // Client number and visit are unique together, whatever the site: an echo's target stands for the visit.
  conversation.client = lisp_eid(tunnel.client_site, client, ipv6);
  const std::uint64_t dice = (hash >> 16) % 100;
  if (dice < 8) {
    conversation.application = kEcho;
    conversation.transport = Transport::kIcmpEcho;
    conversation.server = lisp_eid(tunnel.server_site, kFirstEchoTarget + visit, ipv6);
    return;
  }
  const bool inference = dice < 82;
  conversation.application = inference ? kInference : kUsageReport;
  conversation.transport = inference ? Transport::kTcp : Transport::kUdp;
  conversation.server_port = inference ? kInferencePort : kUsagePort;
  conversation.client_port =
      static_cast<std::uint16_t>(kFirstClientPort + (client * 53 + visit) % kClientPorts);
  conversation.server =
      lisp_eid(tunnel.server_site, static_cast<std::uint32_t>((hash >> 24) % kServersPerSite), ipv6);
}

void LispAiFamily::write_payload(const Conversation& conversation, const Segment& segment,
                                 FrameScratch& scratch) const {
  switch (conversation.application) {
    case kInference:
      if (segment.bytes > 0) write_inference(conversation, segment.message, pools_, scratch.message);
      break;
    case kUsageReport:
      write_usage_report(conversation, segment.message, scratch.message);
      break;
    default:
      // An echo's reply returns the request's bytes.
      TextWriter(scratch.message).text(pools_.random(conversation.seed + segment.message / 2, segment.bytes));
      break;
  }
}

LispHeader LispAiFamily::header_of(const Conversation& conversation, const Segment& segment) {
  const LispTunnel& tunnel = conversation.tunnel;
  const std::uint32_t src_site = segment.from_server ? tunnel.server_site : tunnel.client_site;
  const std::uint32_t dst_site = segment.from_server ? tunnel.client_site : tunnel.server_site;
  LispHeader header;
  header.variant = lisp_variant(tunnel.variant);
  if (header.variant.nonce) header.nonce = static_cast<std::uint32_t>(mix_bits(seed_ + ++nonces_) & 0xffffff);
  if (header.variant.map_version) {
    header.src_version = static_cast<std::uint16_t>(0x101 + src_site);
    header.dst_version = static_cast<std::uint16_t>(0x101 + dst_site);
  }
  if (header.variant.instance) header.instance_id = tunnel.instance_id;
  if (header.variant.lsb)
    header.lsb = kLocatorStatus[src_site] & (header.variant.instance ? 0xffU : 0xffff'ffffU);
  return header;
}

void LispAiFamily::count_outer(const LispTunnel& tunnel, bool from_server, TrafficLedger& ledger) {
  std::size_t index = (tunnel.outer_ipv6 ? 2 : 0) + (from_server ? 1 : 0);
  index = index * kLispClientSites + tunnel.client_site;
  index = index * kLispServerSites + (tunnel.server_site - kLispClientSites);
  auto seen = (*outer_seen_)[index * kSourcePorts + (last_.outer_src_port - kFirstSourcePort)];
  if (!seen) ++ledger.outer_udp;
  seen = true;
}

FrameLengths LispAiFamily::encode(const Conversation& conversation, const Segment& segment,
                                  FrameScratch& scratch, TrafficLedger& ledger) {
  const LispTunnel& tunnel = conversation.tunnel;
  const IpFields inner = ip_fields(conversation, segment);
  last_.header = header_of(conversation, segment);
  last_.inner_ipv6 = conversation.ipv6;
  last_.inner_src = inner.src;
  last_.inner_dst = inner.dst;
  last_.inner_protocol = inner.protocol;
  last_.inner_src_port = segment.from_server ? conversation.server_port : conversation.client_port;
  last_.inner_dst_port = segment.from_server ? conversation.client_port : conversation.server_port;
  last_.outer_ipv6 = tunnel.outer_ipv6;
  last_.outer_src =
      lisp_rloc(segment.from_server ? tunnel.server_site : tunnel.client_site, tunnel.outer_ipv6);
  last_.outer_dst =
      lisp_rloc(segment.from_server ? tunnel.client_site : tunnel.server_site, tunnel.outer_ipv6);
  last_.outer_src_port = source_port_of(last_);
  last_.has_udp_checksum = sends_checksum(tunnel);
  count_outer(tunnel, segment.from_server, ledger);

  IpFields outer;
  outer.ipv6 = tunnel.outer_ipv6;
  outer.src = last_.outer_src;
  outer.dst = last_.outer_dst;
  outer.protocol = kProtocolUdp;
  outer.ttl = inner.ttl;
  outer.identification = static_cast<std::uint16_t>(inner.identification ^ 0x5a5aU);
  outer.flow_label = last_.outer_src_port;

  write_payload(conversation, segment, scratch);
  std::byte* frame = scratch.frame.data();
  const std::uint32_t link = put_ethernet(frame, {segment.from_server ? kSiteMac : kCoreMac,
                                                  segment.from_server ? kCoreMac : kSiteMac, 0, outer.ipv6});
  std::byte* udp = frame + link + outer.header_bytes();
  std::byte* lisp = udp + kUdpHeaderBytes;
  put_lisp(lisp, last_.header);
  const std::uint32_t inner_bytes =
      put_ip_packet(lisp + kLispHeaderBytes, conversation, segment, scratch.message.data() + segment.offset);
  const std::uint32_t datagram_bytes = kLispHeaderBytes + inner_bytes;
  outer.payload_length = kUdpHeaderBytes + datagram_bytes;
  put_ip(frame + link, outer);
  put_udp(udp, last_.outer_src_port, kLispDataPort, datagram_bytes, pseudo_header_sum(outer),
          word_sum(lisp, datagram_bytes));
  if (!last_.has_udp_checksum) put16(udp + 6, 0);
  return {link + outer.packet_bytes(), inner_bytes};
}

}  // namespace wireglass
