#pragma once

#include <cstdint>
#include <string>

namespace wireglass {

/// Link-layer header types by their LINKTYPE_ value (the value in files; some DLT_ values of libpcap differ).
/// Those named here are decoded; any other value is carried and refused by name.
enum class LinkType : std::uint16_t {
  kNull = 0,
  kEthernet = 1,
  kAx25 = 3,
  kTokenRing = 6,
  kArcnetBsd = 7,
  kSlip = 8,
  kPpp = 9,
  kFddi = 10,
  kPppHdlc = 50,
  kSymantecFirewall = 99,
  kAtmRfc1483 = 100,
  kRaw = 101,
  kCiscoHdlc = 104,
  kIeee80211 = 105,
  kAtmClip = 106,
  kFrameRelay = 107,
  kLoop = 108,
  kEnc = 109,
  kNetBsdHdlc = 112,
  kLinuxSll = 113,
  kPflog = 117,
  kPrism = 119,
  kIpOverFc = 122,
  kSunAtm = 123,
  kRadiotap = 127,
  kTzsp = 128,
  kArcnetLinux = 129,
  kJuniperGgsn = 133,
  kJuniperAtm2 = 135,
  kJuniperAtm1 = 137,
  kAppleIeee1394 = 138,
  kDocsis = 143,
  kUser2 = 149,  ///< private use; macOS has written PKTAP under it
  kAvs = 163,
  kPppd = 166,
  kJuniperPppoe = 167,
  kJuniperEthernet = 178,
  kJuniperPpp = 179,
  kJuniperFrameRelay = 180,
  kJuniperChdlc = 181,
  kPpi = 192,
  kErf = 197,
  kAx25Kiss = 202,
  kPppWithDirection = 204,
  kCiscoHdlcWithDirection = 205,
  kFrameRelayWithDirection = 206,
  kIpnet = 226,
  kIpv4 = 228,
  kIpv6 = 229,
  kNflog = 239,
  kNetanalyzer = 240,
  kNetanalyzerTransparent = 241,
  kIpoib = 242,
  kPktap = 258,
  kEpon = 259,
  kMpacket = 274,
  kLinuxSll2 = 276,
  kBroadcomTag = 281,
  kBroadcomPrepended = 282,
  kDsaTag = 284,
  kEdsaTag = 285,
};

/// The type of any value, named above or not.
constexpr LinkType link_type_of(std::uint16_t value) {
  return static_cast<LinkType>(value);  // NOLINT(clang-analyzer-optin.core.EnumCastOutOfRange)
}

/// The link type of a value that stands in a file, or in a header that names the link type behind it. Some
/// values are the DLT_ of the system that wrote them, where it did not translate them.
LinkType link_type_from_file(std::uint16_t value);

/// "Ethernet (1)", "IEEE 802.11 (105)", "link type 4711".
std::string link_type_name(LinkType type);

}  // namespace wireglass
