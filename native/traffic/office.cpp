#include "traffic/office.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "traffic/lisp_sites.hpp"
#include "traffic/office_content.hpp"
#include "traffic/random.hpp"

namespace wireglass {
namespace {

constexpr std::uint32_t kClients = 240;
constexpr std::uint32_t kFirstClientPort = 32'768;
constexpr std::uint32_t kClientPorts = 28'000;
/// Keys come again after this many conversations.
constexpr std::uint64_t kTupleSpace = static_cast<std::uint64_t>(kClients) * kClientPorts;
constexpr std::uint16_t kDepartmentVlan = 20;
constexpr std::uint32_t kMssV4 = 1460;
constexpr std::uint32_t kMssV6 = 1440;
constexpr std::uint64_t kGatewayMac = 0x0200'0000'0a01;
constexpr std::uint64_t kFirstHostMac = 0x0200'0a00'0000;

struct ServiceKind {
  OfficeService service;
  Transport transport;
  std::uint16_t port;
  std::uint8_t percent;
  std::uint32_t server_net;  ///< the /24 that the servers are in
  std::uint32_t servers;
  std::uint32_t min_rtt_us;
  std::uint32_t max_rtt_us;
  std::uint32_t max_think_ms;  ///< pause of the client between an answer and the next request
};

constexpr std::uint32_t net(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  return a << 24 | b << 16 | c << 8;
}

constexpr std::array<ServiceKind, 7> kServices = {{
    {OfficeService::kDns, Transport::kUdp, 53, 32, net(10, 0, 53), 2, 400, 30'000, 10},
    {OfficeService::kHttps, Transport::kTcp, 443, 34, net(198, 51, 100), 40, 6'000, 60'000, 12'000},
    {OfficeService::kSsh, Transport::kTcp, 22, 5, net(10, 0, 22), 12, 300, 2'000, 11'000},
    {OfficeService::kPostgres, Transport::kTcp, 5432, 10, net(10, 0, 54), 3, 200, 900, 8'000},
    {OfficeService::kMetrics, Transport::kTcp, 9100, 8, net(10, 0, 91), 24, 200, 900, 10},
    {OfficeService::kNtp, Transport::kUdp, 123, 4, net(192, 0, 2), 4, 4'000, 30'000, 10},
    {OfficeService::kPing, Transport::kIcmpEcho, 0, 7, 0, 0, 500, 30'000, 1'000},
}};

const ServiceKind& pick_service(std::uint32_t dice) {
  std::size_t index = 0;
  while (dice >= kServices[index].percent) dice -= kServices[index++].percent;
  return kServices[index];
}

const ServiceKind& kind_of(const Conversation& conversation) { return kServices[conversation.application]; }

IpAddress address_of(std::uint32_t ipv4, bool ipv6) {
  return ipv6 ? IpAddress{kDocumentationPrefix | 0x000a'0000U | (ipv4 >> 24), ipv4 & 0xff'ffffU}
              : ipv4_address(ipv4);
}

std::uint64_t host_mac(const IpAddress& address) { return kFirstHostMac | (address.lo & 0xffffffU); }

}  // namespace

OfficeFamily::OfficeFamily(std::uint64_t seed) : seed_(mix_bits(seed ^ 0x0ff1ce)), pools_(seed) {}

void OfficeFamily::plan_endpoints(Conversation& conversation, std::uint64_t place) const {
  const std::uint64_t hash = mix_bits(seed_ + place * 0x2545f4914f6cdd1dU);
  const ServiceKind& kind = pick_service(static_cast<std::uint32_t>((hash & 0xffff) % 100));
  conversation.application = static_cast<std::uint8_t>(&kind - kServices.data());
  conversation.transport = kind.transport;
  conversation.ipv6 = (hash >> 16) % 5 == 0;
  conversation.mss = conversation.ipv6 ? kMssV6 : kMssV4;
  // Client and visit are unique together, and so is every key that is made of them.
  const auto client = static_cast<std::uint32_t>(place % kClients);
  const auto visit = static_cast<std::uint32_t>(place / kClients);
  const bool department = client % 8 == 0;
  if (department) conversation.vlan_id = kDepartmentVlan;
  conversation.client = address_of(net(10, 1, department ? 20 : 10) | (client + 10), conversation.ipv6);
  if (conversation.transport == Transport::kIcmpEcho) {
    const std::uint32_t target = net(10, 2, 1 + visit / 250) | (1 + visit % 250);
    conversation.server = address_of(target, conversation.ipv6);
    return;
  }
  conversation.client_port =
      static_cast<std::uint16_t>(kFirstClientPort + (client * 101 + visit) % kClientPorts);
  conversation.server_port = kind.port;
  conversation.server = address_of(
      kind.server_net | (10 + static_cast<std::uint32_t>((hash >> 32) % kind.servers)), conversation.ipv6);
}

void OfficeFamily::plan(Conversation& conversation, FrameScratch& scratch) {
  const std::uint64_t number = planned_++;
  conversation.seed = mix_bits(seed_ + number * 0x9e3779b97f4a7c15U);
  conversation.new_biflow = conversation.new_tuple = number < kTupleSpace;
  plan_endpoints(conversation, number % kTupleSpace);
  const ServiceKind& kind = kind_of(conversation);
  Random random(conversation.seed ^ 0x7411);
  conversation.rtt_us = random.between(kind.min_rtt_us, kind.max_rtt_us);
  conversation.resets = random.below(20) == 0;
  const bool keeps_open = kind.service == OfficeService::kHttps || kind.service == OfficeService::kPostgres;
  if (keeps_open) conversation.linger_us = draw_linger_us(random);
  const std::uint8_t messages = office_message_count(kind.service, conversation.seed);
  for (std::uint8_t message = 0; message < messages; ++message) {
    const std::uint32_t bytes =
        write_office_message(kind.service, conversation, message, pools_, scratch.message);
    std::uint32_t gap_us = random.between(1, kind.max_think_ms) * 1'000;
    if (message == 0) gap_us = random.between(50, 400);
    if (message % 2 == 1) gap_us = conversation.rtt_us + random.between(50, 5'000);
    if (message > 0 && message % 2 == 0 && kind.service == OfficeService::kPing) gap_us = 1'000'000;
    conversation.add_message(message % 2 == 1, bytes, gap_us);
  }
}

FrameLengths OfficeFamily::encode(const Conversation& conversation, const Segment& segment,
                                  FrameScratch& scratch, TrafficLedger& /*ledger*/) {
  if (segment.bytes > 0) {
    write_office_message(kind_of(conversation).service, conversation, segment.message, pools_,
                         scratch.message);
  }
  const std::uint64_t host = host_mac(conversation.client);
  std::byte* frame = scratch.frame.data();
  const std::uint32_t link =
      put_ethernet(frame, {segment.from_server ? host : kGatewayMac, segment.from_server ? kGatewayMac : host,
                           conversation.vlan_id, conversation.ipv6});
  const std::uint32_t ip_bytes =
      put_ip_packet(frame + link, conversation, segment, scratch.message.data() + segment.offset);
  const std::uint32_t frame_bytes = std::max(link + ip_bytes, kMinFrameBytes);
  std::memset(frame + link + ip_bytes, 0, frame_bytes - link - ip_bytes);
  return {frame_bytes, ip_bytes};
}

}  // namespace wireglass
