#include "traffic/lisp_control.hpp"

#include <algorithm>
#include <cstring>

#include "base/sha256.hpp"
#include "traffic/lisp_header.hpp"
#include "traffic/lisp_sites.hpp"
#include "traffic/random.hpp"
#include "traffic/text.hpp"
#include "traffic/wire.hpp"

namespace wireglass {
namespace {

enum Application : std::uint8_t { kProbe, kRegistration };

constexpr std::uint32_t kFirstPort = 20'000;
constexpr std::uint32_t kPorts = 40'000;
constexpr std::uint64_t kRouterMac = 0x0200'0000'0c01;
constexpr std::uint64_t kUplinkMac = 0x0200'0000'0c02;

constexpr std::uint32_t kProbeBitOfRequest = 1U << 25;
constexpr std::uint32_t kProbeBitOfReply = 1U << 27;
constexpr std::uint32_t kWantMapNotify = 1U << 8;
constexpr std::uint32_t kLocalLocator = 1U << 18;
constexpr std::uint32_t kReachableLocator = 1U << 16;
constexpr std::uint32_t kProbedLocator = 1U << 17;
constexpr std::uint32_t kAuthoritative = 1U << 12;
constexpr std::uint16_t kAlgorithmHmacSha256 = 2;  ///< HMAC-SHA-256-128-None (RFC 9301 section 12.5)
constexpr std::uint16_t kAuthenticationBytes = 16;
constexpr std::size_t kAuthenticationOffset = 16;
constexpr std::uint32_t kRecordTtlMinutes = 1440;

/// Address family identifier and address.
void put_afi_address(TextWriter& writer, const IpAddress& address, bool ipv6) {
  constexpr std::uint16_t kAfiIpv4 = 1;
  constexpr std::uint16_t kAfiIpv6 = 2;
  writer.u16(ipv6 ? kAfiIpv6 : kAfiIpv4);
  if (ipv6) {
    writer.u64(address.hi).u64(address.lo);
  } else {
    writer.u32(static_cast<std::uint32_t>(address.lo));
  }
}

/// EID-to-RLOC mapping record (RFC 9301 section 5.4): one prefix, one locator per address family.
void put_record(TextWriter& writer, std::uint32_t site, bool ipv6, std::uint32_t probed) {
  constexpr std::uint32_t kLocators = 2;
  writer.u32(kRecordTtlMinutes);
  writer.u32(kLocators << 24 | static_cast<std::uint32_t>(ipv6 ? kEidMaskBitsV6 : kEidMaskBitsV4) << 16 |
             kAuthoritative);
  writer.u16(static_cast<std::uint16_t>(0x101 + site));
  put_afi_address(writer, lisp_eid_prefix(site, ipv6), ipv6);
  for (const bool locator_ipv6 : {false, true}) {
    writer.u8(locator_ipv6 ? 2 : 1).u8(100).u8(255).u8(0);
    const bool answers = probed != 0 && locator_ipv6 == ipv6;
    writer.u16(
        static_cast<std::uint16_t>((kLocalLocator | kReachableLocator | (answers ? probed : 0)) >> 16));
    put_afi_address(writer, lisp_rloc(site, locator_ipv6), locator_ipv6);
  }
}

void put_authentication(TextWriter& writer) {
  writer.u16(kAlgorithmHmacSha256).u16(kAuthenticationBytes);
  for (int word = 0; word < kAuthenticationBytes / 4; ++word) writer.u32(0);
}

/// The code covers the whole message with its own field zero (RFC 9301 section 5.6).
void authenticate(TextWriter& writer) {
  const auto key = std::as_bytes(std::span<const char>(kLispSharedKey, sizeof(kLispSharedKey) - 1));
  const Sha256Digest code = hmac_sha256(key, {writer.at(0), writer.size()});
  std::copy_n(code.begin(), kAuthenticationBytes, writer.at(kAuthenticationOffset));
}

}  // namespace

LispControlType lisp_control_type(const Conversation& conversation, std::uint32_t message) {
  const bool answer = message % 2 == 1;
  if (conversation.application == kProbe) {
    return answer ? LispControlType::kMapReply : LispControlType::kMapRequest;
  }
  return answer ? LispControlType::kMapNotify : LispControlType::kMapRegister;
}

std::uint32_t write_lisp_control(const Conversation& conversation, std::uint32_t message,
                                 std::span<std::byte> into) {
  constexpr std::uint32_t kOneRecord = 1;
  const LispControlType type = lisp_control_type(conversation, message);
  const std::uint32_t type_bits = static_cast<std::uint32_t>(type) << 28;
  const std::uint64_t nonce = mix_bits(conversation.seed + message / 2);  // the answer returns the nonce
  const std::uint32_t site = conversation.tunnel.client_site;
  const std::uint32_t peer = conversation.tunnel.server_site;
  const bool ipv6 = conversation.ipv6;
  TextWriter writer(into);
  switch (type) {
    case LispControlType::kMapRequest:
      writer.u32(type_bits | kProbeBitOfRequest | kOneRecord).u64(nonce);
      put_afi_address(writer, lisp_eid(site, message, ipv6), ipv6);
      put_afi_address(writer, lisp_rloc(site, ipv6), ipv6);
      writer.u8(0).u8(ipv6 ? kEidMaskBitsV6 : kEidMaskBitsV4);
      put_afi_address(writer, lisp_eid_prefix(peer, ipv6), ipv6);
      break;
    case LispControlType::kMapReply:
      writer.u32(type_bits | kProbeBitOfReply | kOneRecord).u64(nonce);
      put_record(writer, peer, ipv6, kProbedLocator);
      break;
    case LispControlType::kMapRegister:
    case LispControlType::kMapNotify:
      writer.u32(type_bits | (type == LispControlType::kMapRegister ? kWantMapNotify : 0) | kOneRecord)
          .u64(nonce);
      put_authentication(writer);
      put_record(writer, site, ipv6, 0);
      authenticate(writer);
      break;
  }
  return writer.size();
}

void LispControlFamily::plan(Conversation& conversation, FrameScratch& scratch) {
  constexpr std::uint64_t kSpace = static_cast<std::uint64_t>(kLispClientSites) * 2 * kPorts;
  const std::uint64_t number = planned_++;
  const std::uint64_t place = number % kSpace;
  conversation.seed = mix_bits(seed_ + number * 0x9e3779b97f4a7c15U);
  conversation.transport = Transport::kUdp;
  conversation.new_biflow = conversation.new_tuple = number < kSpace;
  // Site, application and port follow from `place` and are different for each: no key comes twice within
  // kSpace.
  conversation.tunnel.client_site = static_cast<std::uint8_t>(place % kLispClientSites);
  conversation.application = place / kLispClientSites % 2 == 0 ? kProbe : kRegistration;
  const auto turn = static_cast<std::uint32_t>(place / (kLispClientSites * 2));
  conversation.client_port = static_cast<std::uint16_t>(kFirstPort + turn);
  conversation.ipv6 = turn % 2 == 1;
  conversation.tunnel.server_site = static_cast<std::uint8_t>(kLispClientSites + turn / 2 % kLispServerSites);
  conversation.server_port = kLispControlPort;
  conversation.client = lisp_rloc(conversation.tunnel.client_site, conversation.ipv6);
  conversation.server = conversation.application == kProbe
                            ? lisp_rloc(conversation.tunnel.server_site, conversation.ipv6)
                            : lisp_map_server(conversation.ipv6);
  for (std::uint32_t message = 0; message < 2; ++message) {
    const std::uint32_t bytes = write_lisp_control(conversation, message, scratch.message);
    conversation.add_message(message == 1, bytes,
                             8'000 + static_cast<std::uint32_t>(conversation.seed % 20'000));
  }
}

FrameLengths LispControlFamily::encode(const Conversation& conversation, const Segment& segment,
                                       FrameScratch& scratch, TrafficLedger& ledger) {
  last_type_ = lisp_control_type(conversation, segment.message);
  ++ledger.lisp_control_packets;
  write_lisp_control(conversation, segment.message, scratch.message);
  std::byte* at = scratch.frame.data();
  const std::uint32_t link =
      put_ethernet(at, {segment.from_server ? kRouterMac : kUplinkMac,
                        segment.from_server ? kUplinkMac : kRouterMac, 0, conversation.ipv6});
  const std::uint32_t ip_bytes = put_ip_packet(at + link, conversation, segment, scratch.message.data());
  return {link + ip_bytes, ip_bytes};
}

}  // namespace wireglass
