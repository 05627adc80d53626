#pragma once

#include <cstdint>

#include "packet/ip_address.hpp"
#include "traffic/headers.hpp"

namespace wireglass {

// The little world of the LISP traffic: sites of clients, sites of inference servers, one map-server.
// Addresses come from private and documentation ranges (RFC 1918, RFC 5737, RFC 3849).

inline constexpr std::uint32_t kLispClientSites = 4;
inline constexpr std::uint32_t kLispServerSites = 2;
inline constexpr std::uint32_t kLispSites = kLispClientSites + kLispServerSites;
inline constexpr std::uint64_t kDocumentationPrefix = 0x2001'0db8'0000'0000;

/// Routing locator of a site; the server sites come after the client sites.
inline IpAddress lisp_rloc(std::uint32_t site, bool ipv6) {
  if (ipv6) return {kDocumentationPrefix | 0x00c0'0000U | site, 1};
  return ipv4_address(203U << 24 | 0U << 16 | 113U << 8 | (site * 16 + 1));
}

inline IpAddress lisp_map_server(bool ipv6) {
  if (ipv6) return {kDocumentationPrefix | 0x00c0'00ffU, 0x53};
  return ipv4_address(192U << 24 | 0U << 16 | 2U << 8 | 53U);
}

/// Endpoint identifier prefix of a site: /16 of IPv4, /64 of IPv6.
inline IpAddress lisp_eid_prefix(std::uint32_t site, bool ipv6) {
  if (ipv6) return {kDocumentationPrefix | 0x00e1'0000U | site, 0};
  const bool servers = site >= kLispClientSites;
  return ipv4_address(servers ? 172U << 24 | (16U + site) << 16 : 10U << 24 | (16U + site) << 16);
}
inline constexpr std::uint8_t kEidMaskBitsV4 = 16;
inline constexpr std::uint8_t kEidMaskBitsV6 = 64;

/// Host `number`, from 0, within a site's prefix.
inline IpAddress lisp_eid(std::uint32_t site, std::uint32_t number, bool ipv6) {
  IpAddress address = lisp_eid_prefix(site, ipv6);
  address.lo |= (1 + number / 250) << 8 | (1 + number % 250);
  return address;
}

}  // namespace wireglass
