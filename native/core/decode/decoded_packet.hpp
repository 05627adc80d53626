#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "packet/generated/flow_enums.hpp"
#include "packet/ip_address.hpp"

namespace wireglass {

/// What became of a packet in the decoder. Everything but kOk is a refusal: the packet makes no flow and is
/// counted under this reason. The same reasons say why the inside of a tunnel was not followed. A packet is
/// metered as soon as its key is whole: a TCP data offset, a UDP length or an IP total length that
/// contradicts the frame behind the ports refuses nothing, as those octets did cross the wire.
enum class DecodeStatus : std::uint8_t {
  kOk,
  kNotIp,                ///< a whole frame of another network protocol (ARP, LLDP, ...)
  kLinkTypeUnsupported,  ///< the link type has no decoder
  kTruncated,            ///< captured bytes end inside a header that the flow key needs
  kMalformed,            ///< a length or version field contradicts the packet
  kTooDeep,              ///< more nested headers than the decoder follows
  kEncrypted,            ///< ESP, MACsec, ...: what is inside is nobody's to read
  kCompressed,           ///< IPComp: what is inside takes more than reading
  kAggregated,           ///< one frame with several packets: those behind the first one
};
inline constexpr std::array<std::string_view, 9> kDecodeStatusNames = {
    "ok",         "not_ip",    "link_type_unsupported", "truncated", "malformed", "too_deep", "encrypted",
    "compressed", "aggregated"};

/// Every protocol that has a decoder: a pair of files in this folder and a row in protocol_table.cpp.
enum class ProtocolId : std::uint8_t {
  kEnd,  ///< nothing further to decode
  kEthernet,
  kNullLoop,
  kLinuxSll,
  kLinuxSll2,
  kPpp,
  kRawIp,
  kVlan,
  kIpv4,
  kIpv6,
  kTcp,
  kUdp,
  kIcmp,
  kIcmpv6,
  kLisp,
  kLispControl,
  kLlc,
  kVxlan,
  kVxlanGpe,
  kGeneve,
  kGtpU,
  kTeredo,
  kAyiya,
  kCapwap,
  kL2tp,
  kL2tpIp,
  // Link layers.
  kCiscoHdlc,
  kFrameRelay,
  kPppWithDirection,
  kCiscoHdlcWithDirection,
  kFrameRelayWithDirection,
  kPppd,
  kFddi,
  kTokenRing,
  kAppleIeee1394,
  kIpoib,
  kSymantecFirewall,
  kEpon,
  kNetanalyzer,
  kNetanalyzerTransparent,
  kMpacket,
  kBroadcomPrepended,
  kBroadcomTag,
  kDsaTag,
  kEdsaTag,
  kIpOverFc,
  kSunAtm,
  kAtmPayload,
  kLane,
  kArcnetBsd,
  kArcnetLinux,
  kSlip,
  kNflog,
  kPktap,
  kPktapOrPrivate,
  kPpi,
  kTzsp,
  kEnc,
  kPflog,
  kIpnet,
  kIeee80211,
  kIeee80211AnyOrder,
  kRadiotap,
  kPrism,
  kAvs,
  kDocsis,
  kJuniper,
  kJuniperPpp,
  kJuniperFrameRelay,
  kJuniperChdlc,
  kJuniperAtm1,
  kJuniperAtm2,
  kJuniperGgsn,
  kErf,
  kIsl,
  kAx25,
  kAx25Kiss,
  kLinkWithoutIp,
  kMpls,
  kPseudowire,
  kMplsChannel,
  kPppoe,
  kPbb,
  kNsh,
  kVnTag,
  kETag,
  kRTag,
  kHsrTag,
  kCiscoMetadata,
  kAristaTimestamp,
  kFabricPath,
  kTrill,
  kMacsec,
  kGre,
  kWccpRedirect,
  kErspan,
  kIpInIp,
  kEthernetInIp,
  kEtherIp,
  kEsp,
  kIpComp,
  kPim,
  kGue,
  kFou,
  kSctpInUdp,
  kTzspInUdp,
  kPppBridge,
  kCount,
};

/// Where a header stands in the packet; what the dissection and later stages read the bytes through.
struct HeaderRef {
  ProtocolId protocol = ProtocolId::kEnd;
  std::uint16_t offset = 0;
};

/// One IP header with what follows it. [0] of a packet is the outermost, the last one keys the flow.
struct IpLayer {
  std::uint16_t offset = 0;            ///< of the IP header
  std::uint16_t transport_offset = 0;  ///< of the first byte behind the IP header and its extension headers
  std::uint32_t ip_bytes = 0;          ///< octets of the IP packet from its header on, as the header tells
  std::uint16_t src_port = 0;          ///< host byte order; 0 where unknown
  std::uint16_t dst_port = 0;
  std::uint32_t identification = 0;  ///< of the fragmented packet; valid when is_fragment
  std::uint8_t version = 0;          ///< 4 or 6
  std::uint8_t ttl = 0;              ///< time to live or hop limit
  std::uint8_t dscp = 0;             ///< differentiated services code point (RFC 2474)
  std::uint8_t protocol = 0;         ///< IP protocol number of the upper layer, behind extension headers
  bool has_ports = false;
  bool is_fragment = false;          ///< part of a fragmented packet
  bool is_later_fragment = false;    ///< a fragment other than the first: no transport header in it
  bool has_segment_routing = false;  ///< an IPv6 header with a segment routing header (RFC 8754)
  // Of the tunnel around this layer.
  Overlay overlay = Overlay::kNone;
  std::array<std::uint16_t, 2> inner_vlan_ids{};
  std::uint32_t tunnel_id = 0;  ///< tenant, or the identifier of the packet's direction
};

/// What the meter follows a TCP connection by (RFC 9293 section 3.1). Valid when `is_whole`.
struct TcpHeader {
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgment = 0;
  std::uint16_t window = 0;  ///< as it stands in the header, unscaled
  bool is_whole = false;     ///< the fixed header was captured and its data offset lies within the packet
};

/// What the decoder found: offsets into the packet, no copies. Reused from packet to packet; a layer is valid
/// below its count only.
struct DecodedPacket {
  static constexpr std::size_t kMaxIpLayers = 6;
  static constexpr std::size_t kMaxHeaders = 24;
  static constexpr std::uint16_t kNoEthernet = 0xffff;
  static constexpr std::uint8_t kNoIpLayer = 0xff;

  DecodeStatus status = DecodeStatus::kOk;
  /// Why the decoder went no further into the packet of the flow layer: that is a tunnel's own packet, and
  /// what it carries was not followed. kOk where there was nothing more to follow.
  DecodeStatus inner_status = DecodeStatus::kOk;
  std::uint8_t ip_layer_count = 0;
  std::uint8_t header_count = 0;
  std::uint8_t vlan_count = 0;        ///< VLAN tags of the link, the two outermost at most
  std::uint8_t inner_vlan_count = 0;  ///< the same of the frame inside the innermost tunnel
  std::array<std::uint16_t, 2> vlan_ids{};
  std::array<std::uint16_t, 2> inner_vlan_ids{};  ///< 0 beyond the count
  Overlay overlay = Overlay::kNone;               ///< innermost tunnel
  /// The IP layer that carries that tunnel; kNoIpLayer where a layer 2 service does (MPLS pseudowire,
  /// IEEE 802.1ah, NSH), which has no addresses of its own.
  std::uint8_t overlay_ip_layer = 0;
  /// Identifier of the innermost tunnel: one for both directions, or that of the packet's direction where
  /// each has its own (has_identifier_per_direction). The other one is 0.
  std::uint32_t tenant_id = 0;
  std::uint32_t teid = 0;
  std::uint16_t ethernet_offset = kNoEthernet;  ///< of the innermost Ethernet header (destination MAC first)
  std::uint8_t tcp_flags = 0;
  bool has_fragments = false;  ///< some IP layer is part of a fragmented packet
  std::uint16_t icmp_type_code = 0;
  TcpHeader tcp;
  /// Where the flow layer's payload behind its TCP or UDP header begins, and its octets on the wire as the
  /// headers tell, of which fewer may be captured. 0 octets for other protocols and for a tunnel's own layer.
  std::uint32_t payload_offset = 0;
  std::uint32_t payload_bytes = 0;
  std::array<IpLayer, kMaxIpLayers> ip_layers{};
  std::array<HeaderRef, kMaxHeaders> headers{};

  std::uint32_t tunnel_id() const { return tenant_id | teid; }
  const IpLayer& flow_layer() const { return ip_layers[ip_layer_count - 1]; }
};

}  // namespace wireglass
