#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "decode/udp_port_table.hpp"

namespace wireglass {

/// A protocol that is known by its UDP port alone, by the name that settings have for it.
struct UdpProtocol {
  std::string_view name;
  ProtocolId protocol = ProtocolId::kEnd;
};
inline constexpr std::array<UdpProtocol, 16> kUdpProtocols = {{
    {"lisp", ProtocolId::kLisp},
    {"lisp_control", ProtocolId::kLispControl},
    {"vxlan", ProtocolId::kVxlan},
    {"vxlan_gpe", ProtocolId::kVxlanGpe},
    {"geneve", ProtocolId::kGeneve},
    {"gtp_u", ProtocolId::kGtpU},
    {"teredo", ProtocolId::kTeredo},
    {"l2tp", ProtocolId::kL2tp},
    {"ayiya", ProtocolId::kAyiya},
    {"capwap", ProtocolId::kCapwap},
    {"gre", ProtocolId::kGre},
    {"mpls", ProtocolId::kMpls},
    {"gue", ProtocolId::kGue},
    {"fou", ProtocolId::kFou},
    {"sctp", ProtocolId::kSctpInUdp},
    {"tzsp", ProtocolId::kTzspInUdp},
}};

inline constexpr std::array<UdpPort, 17> kDefaultUdpPorts = {{
    {4341, ProtocolId::kLisp},         // RFC 9300 section 4.3
    {4342, ProtocolId::kLispControl},  // RFC 9301 section 4
    {4789, ProtocolId::kVxlan},        // RFC 7348 section 5
    {8472, ProtocolId::kVxlan},        // Linux before the number was assigned, and still its default
    {4790, ProtocolId::kVxlanGpe},     // draft-ietf-nvo3-vxlan-gpe
    {6081, ProtocolId::kGeneve},       // RFC 8926 section 3.3
    {2152, ProtocolId::kGtpU},         // 3GPP TS 29.281 section 4.4.2.3
    {3386, ProtocolId::kGtpU},         // its version 0: 3GPP TS 09.60 section 9
    {3544, ProtocolId::kTeredo},       // RFC 4380 section 2.7
    {1701, ProtocolId::kL2tp},         // RFC 2661 section 8.1
    {5072, ProtocolId::kAyiya},        // draft-massar-v6ops-ayiya
    {5247, ProtocolId::kCapwap},       // RFC 5415 section 3.1
    {4754, ProtocolId::kGre},          // RFC 8086 section 8.1
    {6635, ProtocolId::kMpls},         // RFC 7510 section 8
    {6080, ProtocolId::kGue},          // draft-ietf-intarea-gue section 8
    {9899, ProtocolId::kSctpInUdp},    // RFC 6951 section 7
    {37008, ProtocolId::kTzspInUdp},   // TaZmen Sniffer Protocol
}};

/// What a site may set about decoding.
struct DecoderConfig {
  /// How many IP headers and how many headers of any kind are followed; 1 IP layer follows no tunnel.
  /// Values beyond what a DecodedPacket holds, and 0, count as the nearest that it does hold.
  std::uint8_t max_ip_layers = DecodedPacket::kMaxIpLayers;
  std::uint8_t max_headers = DecodedPacket::kMaxHeaders;
  std::vector<UdpPort> udp_ports{kDefaultUdpPorts.begin(), kDefaultUdpPorts.end()};

  /// Makes these all the ports of that protocol; none turns it off. A port given to two protocols belongs to
  /// the one that was set last.
  void set_ports(ProtocolId protocol, std::span<const std::uint16_t> ports);
};

}  // namespace wireglass
