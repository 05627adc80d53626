#include <array>
#include <cstdint>

#include "decode/protocol_table.hpp"

namespace wireglass {
namespace {

struct LinkTypeRow {
  LinkType link_type;
  ProtocolId protocol;
};
constexpr auto kLinkTypes = std::to_array<LinkTypeRow>({
    {LinkType::kEthernet, ProtocolId::kEthernet},
    {LinkType::kRaw, ProtocolId::kRawIp},
    {LinkType::kLinuxSll, ProtocolId::kLinuxSll},
    {LinkType::kLinuxSll2, ProtocolId::kLinuxSll2},
    {LinkType::kNull, ProtocolId::kNullLoop},
    {LinkType::kLoop, ProtocolId::kNullLoop},
    {LinkType::kPpp, ProtocolId::kPpp},
    {LinkType::kIpv4, ProtocolId::kIpv4},
    {LinkType::kIpv6, ProtocolId::kIpv6},
    {LinkType::kAx25, ProtocolId::kAx25},
    {LinkType::kTokenRing, ProtocolId::kTokenRing},
    {LinkType::kArcnetBsd, ProtocolId::kArcnetBsd},
    {LinkType::kSlip, ProtocolId::kSlip},
    {LinkType::kFddi, ProtocolId::kFddi},
    {LinkType::kPppHdlc, ProtocolId::kPpp},
    {LinkType::kSymantecFirewall, ProtocolId::kSymantecFirewall},
    {LinkType::kAtmRfc1483, ProtocolId::kLlc},
    {LinkType::kCiscoHdlc, ProtocolId::kCiscoHdlc},
    {LinkType::kIeee80211, ProtocolId::kIeee80211},
    {LinkType::kAtmClip, ProtocolId::kAtmPayload},
    {LinkType::kFrameRelay, ProtocolId::kFrameRelay},
    {LinkType::kEnc, ProtocolId::kEnc},
    {LinkType::kNetBsdHdlc, ProtocolId::kCiscoHdlc},
    {LinkType::kPflog, ProtocolId::kPflog},
    {LinkType::kPrism, ProtocolId::kPrism},
    {LinkType::kIpOverFc, ProtocolId::kIpOverFc},
    {LinkType::kSunAtm, ProtocolId::kSunAtm},
    {LinkType::kRadiotap, ProtocolId::kRadiotap},
    {LinkType::kTzsp, ProtocolId::kTzsp},
    {LinkType::kArcnetLinux, ProtocolId::kArcnetLinux},
    {LinkType::kJuniperGgsn, ProtocolId::kJuniperGgsn},
    {LinkType::kJuniperAtm2, ProtocolId::kJuniperAtm2},
    {LinkType::kJuniperAtm1, ProtocolId::kJuniperAtm1},
    {LinkType::kAppleIeee1394, ProtocolId::kAppleIeee1394},
    {LinkType::kDocsis, ProtocolId::kDocsis},
    {LinkType::kUser2, ProtocolId::kPktapOrPrivate},
    {LinkType::kAvs, ProtocolId::kAvs},
    {LinkType::kPppd, ProtocolId::kPppd},
    {LinkType::kJuniperPppoe, ProtocolId::kJuniper},
    {LinkType::kJuniperEthernet, ProtocolId::kJuniper},
    {LinkType::kJuniperPpp, ProtocolId::kJuniperPpp},
    {LinkType::kJuniperFrameRelay, ProtocolId::kJuniperFrameRelay},
    {LinkType::kJuniperChdlc, ProtocolId::kJuniperChdlc},
    {LinkType::kPpi, ProtocolId::kPpi},
    {LinkType::kErf, ProtocolId::kErf},
    {LinkType::kAx25Kiss, ProtocolId::kAx25Kiss},
    {LinkType::kPppWithDirection, ProtocolId::kPppWithDirection},
    {LinkType::kCiscoHdlcWithDirection, ProtocolId::kCiscoHdlcWithDirection},
    {LinkType::kFrameRelayWithDirection, ProtocolId::kFrameRelayWithDirection},
    {LinkType::kIpnet, ProtocolId::kIpnet},
    {LinkType::kNflog, ProtocolId::kNflog},
    {LinkType::kNetanalyzer, ProtocolId::kNetanalyzer},
    {LinkType::kNetanalyzerTransparent, ProtocolId::kNetanalyzerTransparent},
    {LinkType::kIpoib, ProtocolId::kIpoib},
    {LinkType::kPktap, ProtocolId::kPktap},
    {LinkType::kEpon, ProtocolId::kEpon},
    {LinkType::kMpacket, ProtocolId::kMpacket},
    {LinkType::kBroadcomTag, ProtocolId::kBroadcomTag},
    {LinkType::kBroadcomPrepended, ProtocolId::kBroadcomPrepended},
    {LinkType::kDsaTag, ProtocolId::kDsaTag},
    {LinkType::kEdsaTag, ProtocolId::kEdsaTag},
});

// Whole frames of other protocols: LocalTalk, MTP and SCCP, LAPD, Bluetooth, CAN, LIN, FlexRay, MOST, IPMB,
// netlink, D-Bus, NFC, Z-Wave, pfsync, SCTP without IP, vsock.
constexpr std::array<std::uint16_t, 33> kWithoutIp = {114, 139, 140, 141, 142, 165, 177, 184, 187, 190, 199,
                                                      201, 203, 209, 210, 211, 212, 227, 231, 245, 246, 248,
                                                      251, 253, 254, 255, 256, 257, 261, 262, 271, 272, 297};

// One octet per link type of the registry: every packet asks.
constexpr std::size_t kLinkTypeLimit = 320;
constexpr auto kProtocolOfLinkType = [] {
  std::array<ProtocolId, kLinkTypeLimit> protocols{};
  for (const LinkTypeRow& row : kLinkTypes)
    protocols.at(static_cast<std::uint16_t>(row.link_type)) = row.protocol;
  for (const std::uint16_t value : kWithoutIp) protocols.at(value) = ProtocolId::kLinkWithoutIp;
  return protocols;
}();

}  // namespace

ProtocolId protocol_of_link_type(LinkType link_type) {
  const auto value = static_cast<std::uint16_t>(link_type);
  return value < kLinkTypeLimit ? kProtocolOfLinkType[value] : ProtocolId::kEnd;
}

ProtocolId enter_link_type(DecodeContext& context, std::uint32_t value) {
  const ProtocolId protocol =
      value <= UINT16_MAX ? protocol_of_link_type(link_type_from_file(static_cast<std::uint16_t>(value)))
                          : ProtocolId::kEnd;
  return protocol == ProtocolId::kEnd ? context.refuse(DecodeStatus::kLinkTypeUnsupported) : protocol;
}

}  // namespace wireglass
