#include "decode/protocol_table.hpp"

#include "decode/address_family_links.hpp"
#include "decode/arcnet.hpp"
#include "decode/atm.hpp"
#include "decode/ax25.hpp"
#include "decode/ayiya.hpp"
#include "decode/capwap.hpp"
#include "decode/cisco_hdlc.hpp"
#include "decode/docsis.hpp"
#include "decode/erf.hpp"
#include "decode/erspan.hpp"
#include "decode/ethernet.hpp"
#include "decode/ethernet_fabric.hpp"
#include "decode/ethernet_tags.hpp"
#include "decode/ethernet_wrappers.hpp"
#include "decode/ethertype_links.hpp"
#include "decode/frame_relay.hpp"
#include "decode/geneve.hpp"
#include "decode/gre.hpp"
#include "decode/gtp_u.hpp"
#include "decode/gue.hpp"
#include "decode/icmp.hpp"
#include "decode/icmpv6.hpp"
#include "decode/ieee80211.hpp"
#include "decode/ieee80211_capture.hpp"
#include "decode/ieee802_links.hpp"
#include "decode/ip_in_ip.hpp"
#include "decode/ip_over_fc.hpp"
#include "decode/ipsec.hpp"
#include "decode/ipv4.hpp"
#include "decode/ipv6.hpp"
#include "decode/isl.hpp"
#include "decode/juniper.hpp"
#include "decode/l2tp.hpp"
#include "decode/link_direction.hpp"
#include "decode/link_without_ip.hpp"
#include "decode/linux_sll.hpp"
#include "decode/lisp.hpp"
#include "decode/lisp_control.hpp"
#include "decode/llc.hpp"
#include "decode/macsec.hpp"
#include "decode/mpls.hpp"
#include "decode/nflog.hpp"
#include "decode/nsh.hpp"
#include "decode/null_loop.hpp"
#include "decode/pbb.hpp"
#include "decode/pim.hpp"
#include "decode/pktap.hpp"
#include "decode/ppi.hpp"
#include "decode/ppp.hpp"
#include "decode/ppp_bridge.hpp"
#include "decode/pppoe.hpp"
#include "decode/raw_ip.hpp"
#include "decode/sctp_in_udp.hpp"
#include "decode/slip.hpp"
#include "decode/switch_tag.hpp"
#include "decode/tcp.hpp"
#include "decode/teredo.hpp"
#include "decode/tzsp.hpp"
#include "decode/udp.hpp"
#include "decode/vlan.hpp"
#include "decode/vxlan.hpp"
#include "decode/vxlan_gpe.hpp"

namespace wireglass {
namespace {

using ProtocolTable = std::array<ProtocolRow, static_cast<std::size_t>(ProtocolId::kCount)>;

constexpr ProtocolTable kRows = {{
    {ProtocolId::kEnd, "end", nullptr, nullptr},
    {ProtocolId::kEthernet, "ethernet", parse_ethernet, describe_ethernet},
    {ProtocolId::kNullLoop, "null_loop", parse_null_loop, describe_null_loop},
    {ProtocolId::kLinuxSll, "linux_sll", parse_linux_sll, describe_linux_sll},
    {ProtocolId::kLinuxSll2, "linux_sll2", parse_linux_sll2, describe_linux_sll2},
    {ProtocolId::kPpp, "ppp", parse_ppp, describe_ppp},
    {ProtocolId::kRawIp, "raw_ip", parse_raw_ip, nullptr},
    {ProtocolId::kVlan, "vlan", parse_vlan, describe_vlan},
    {ProtocolId::kIpv4, "ipv4", parse_ipv4, describe_ipv4},
    {ProtocolId::kIpv6, "ipv6", parse_ipv6, describe_ipv6},
    {ProtocolId::kTcp, "tcp", parse_tcp, describe_tcp},
    {ProtocolId::kUdp, "udp", parse_udp, describe_udp},
    {ProtocolId::kIcmp, "icmp", parse_icmp, describe_icmp},
    {ProtocolId::kIcmpv6, "icmpv6", parse_icmpv6, describe_icmpv6},
    {ProtocolId::kLisp, "lisp", parse_lisp, describe_lisp},
    {ProtocolId::kLispControl, "lisp_control", parse_lisp_control, describe_lisp_control},
    {ProtocolId::kLlc, "llc", parse_llc, describe_llc},
    {ProtocolId::kVxlan, "vxlan", parse_vxlan, describe_vxlan},
    {ProtocolId::kVxlanGpe, "vxlan_gpe", parse_vxlan_gpe, describe_vxlan_gpe},
    {ProtocolId::kGeneve, "geneve", parse_geneve, describe_geneve},
    {ProtocolId::kGtpU, "gtp_u", parse_gtp_u, describe_gtp_u},
    {ProtocolId::kTeredo, "teredo", parse_teredo, describe_teredo},
    {ProtocolId::kAyiya, "ayiya", parse_ayiya, describe_ayiya},
    {ProtocolId::kCapwap, "capwap", parse_capwap, describe_capwap},
    {ProtocolId::kL2tp, "l2tp", parse_l2tp, describe_l2tp},
    {ProtocolId::kL2tpIp, "l2tp_ip", parse_l2tp_ip, describe_l2tp_ip},
    {ProtocolId::kCiscoHdlc, "cisco_hdlc", parse_cisco_hdlc, describe_cisco_hdlc},
    {ProtocolId::kFrameRelay, "frame_relay", parse_frame_relay, describe_frame_relay},
    {ProtocolId::kPppWithDirection, "ppp_with_direction", parse_ppp_with_direction,
     describe_ppp_with_direction},
    {ProtocolId::kCiscoHdlcWithDirection, "cisco_hdlc_with_direction", parse_cisco_hdlc_with_direction,
     describe_cisco_hdlc_with_direction},
    {ProtocolId::kFrameRelayWithDirection, "frame_relay_with_direction", parse_frame_relay_with_direction,
     describe_frame_relay_with_direction},
    {ProtocolId::kPppd, "pppd", parse_pppd, describe_pppd},
    {ProtocolId::kFddi, "fddi", parse_fddi, describe_fddi},
    {ProtocolId::kTokenRing, "token_ring", parse_token_ring, describe_token_ring},
    {ProtocolId::kAppleIeee1394, "apple_ieee1394", parse_apple_ieee1394, describe_apple_ieee1394},
    {ProtocolId::kIpoib, "ipoib", parse_ipoib, describe_ipoib},
    {ProtocolId::kSymantecFirewall, "symantec_firewall", parse_symantec_firewall, describe_symantec_firewall},
    {ProtocolId::kEpon, "epon", parse_epon, describe_epon},
    {ProtocolId::kNetanalyzer, "netanalyzer", parse_netanalyzer, describe_netanalyzer},
    {ProtocolId::kNetanalyzerTransparent, "netanalyzer_transparent", parse_netanalyzer_transparent,
     describe_netanalyzer_transparent},
    {ProtocolId::kMpacket, "mpacket", parse_mpacket, describe_mpacket},
    {ProtocolId::kBroadcomPrepended, "broadcom_prepended", parse_broadcom_prepended,
     describe_broadcom_prepended},
    {ProtocolId::kBroadcomTag, "broadcom_tag", parse_broadcom_tag, describe_broadcom_tag},
    {ProtocolId::kDsaTag, "dsa_tag", parse_dsa_tag, describe_dsa_tag},
    {ProtocolId::kEdsaTag, "edsa_tag", parse_edsa_tag, describe_edsa_tag},
    {ProtocolId::kIpOverFc, "ip_over_fc", parse_ip_over_fc, describe_ip_over_fc},
    {ProtocolId::kSunAtm, "sunatm", parse_sunatm, describe_sunatm},
    {ProtocolId::kAtmPayload, "atm_payload", parse_atm_payload, nullptr},
    {ProtocolId::kLane, "lane", parse_lane, describe_lane},
    {ProtocolId::kArcnetBsd, "arcnet_bsd", parse_arcnet_bsd, describe_arcnet_bsd},
    {ProtocolId::kArcnetLinux, "arcnet_linux", parse_arcnet_linux, describe_arcnet_linux},
    {ProtocolId::kSlip, "slip", parse_slip, describe_slip},
    {ProtocolId::kNflog, "nflog", parse_nflog, describe_nflog},
    {ProtocolId::kPktap, "pktap", parse_pktap, describe_pktap},
    {ProtocolId::kPktapOrPrivate, "pktap_or_private", parse_pktap_or_private, nullptr},
    {ProtocolId::kPpi, "ppi", parse_ppi, describe_ppi},
    {ProtocolId::kTzsp, "tzsp", parse_tzsp, describe_tzsp},
    {ProtocolId::kEnc, "enc", parse_enc, describe_enc},
    {ProtocolId::kPflog, "pflog", parse_pflog, describe_pflog},
    {ProtocolId::kIpnet, "ipnet", parse_ipnet, describe_ipnet},
    {ProtocolId::kIeee80211, "ieee80211", parse_ieee80211, describe_ieee80211},
    {ProtocolId::kIeee80211AnyOrder, "ieee80211", parse_ieee80211_any_order, describe_ieee80211_any_order},
    {ProtocolId::kRadiotap, "radiotap", parse_radiotap, describe_radiotap},
    {ProtocolId::kPrism, "prism", parse_prism, describe_prism},
    {ProtocolId::kAvs, "avs", parse_avs, describe_avs},
    {ProtocolId::kDocsis, "docsis", parse_docsis, describe_docsis},
    {ProtocolId::kJuniper, "juniper_ethernet", parse_juniper_ethernet, describe_juniper},
    {ProtocolId::kJuniperPpp, "juniper_ppp", parse_juniper_ppp, describe_juniper},
    {ProtocolId::kJuniperFrameRelay, "juniper_frame_relay", parse_juniper_frame_relay, describe_juniper},
    {ProtocolId::kJuniperChdlc, "juniper_chdlc", parse_juniper_chdlc, describe_juniper},
    {ProtocolId::kJuniperAtm1, "juniper_atm1", parse_juniper_atm1, describe_juniper},
    {ProtocolId::kJuniperAtm2, "juniper_atm2", parse_juniper_atm2, describe_juniper},
    {ProtocolId::kJuniperGgsn, "juniper_ggsn", parse_juniper_ggsn, describe_juniper},
    {ProtocolId::kErf, "erf", parse_erf, describe_erf},
    {ProtocolId::kIsl, "isl", parse_isl, describe_isl},
    {ProtocolId::kAx25, "ax25", parse_ax25, describe_ax25},
    {ProtocolId::kAx25Kiss, "ax25_kiss", parse_ax25_kiss, describe_ax25_kiss},
    {ProtocolId::kLinkWithoutIp, "link_without_ip", parse_link_without_ip, nullptr},
    {ProtocolId::kMpls, "mpls", parse_mpls, describe_mpls},
    {ProtocolId::kPseudowire, "pseudowire", parse_pseudowire, describe_pseudowire},
    {ProtocolId::kMplsChannel, "mpls_channel", parse_mpls_channel, describe_mpls_channel},
    {ProtocolId::kPppoe, "pppoe", parse_pppoe, describe_pppoe},
    {ProtocolId::kPbb, "pbb", parse_pbb, describe_pbb},
    {ProtocolId::kNsh, "nsh", parse_nsh, describe_nsh},
    {ProtocolId::kVnTag, "vn_tag", parse_vn_tag, describe_vn_tag},
    {ProtocolId::kETag, "e_tag", parse_e_tag, describe_e_tag},
    {ProtocolId::kRTag, "r_tag", parse_r_tag, describe_r_tag},
    {ProtocolId::kHsrTag, "hsr_tag", parse_hsr_tag, describe_hsr_tag},
    {ProtocolId::kCiscoMetadata, "cisco_metadata", parse_cisco_metadata, describe_cisco_metadata},
    {ProtocolId::kAristaTimestamp, "arista_timestamp", parse_arista_timestamp, describe_arista_timestamp},
    {ProtocolId::kFabricPath, "fabric_path", parse_fabric_path, describe_fabric_path},
    {ProtocolId::kTrill, "trill", parse_trill, describe_trill},
    {ProtocolId::kMacsec, "macsec", parse_macsec, describe_macsec},
    {ProtocolId::kGre, "gre", parse_gre, describe_gre},
    {ProtocolId::kWccpRedirect, "wccp_redirect", parse_wccp_redirect, describe_wccp_redirect},
    {ProtocolId::kErspan, "erspan", parse_erspan, describe_erspan},
    {ProtocolId::kIpInIp, "ip_in_ip", parse_ip_in_ip, nullptr},
    {ProtocolId::kEthernetInIp, "ethernet_in_ip", parse_ethernet_in_ip, nullptr},
    {ProtocolId::kEtherIp, "ether_ip", parse_ether_ip, describe_ether_ip},
    {ProtocolId::kEsp, "esp", parse_esp, describe_esp},
    {ProtocolId::kIpComp, "ip_comp", parse_ip_comp, describe_ip_comp},
    {ProtocolId::kPim, "pim", parse_pim, describe_pim},
    {ProtocolId::kGue, "gue", parse_gue, describe_gue},
    {ProtocolId::kFou, "fou", parse_fou, nullptr},
    {ProtocolId::kSctpInUdp, "sctp_in_udp", parse_sctp_in_udp, describe_sctp_in_udp},
    {ProtocolId::kTzspInUdp, "tzsp_in_udp", parse_tzsp_in_udp, describe_tzsp},
    {ProtocolId::kPppBridge, "ppp_bridge", parse_ppp_bridge, describe_ppp_bridge},
}};

constexpr bool in_order(const ProtocolTable& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].id != static_cast<ProtocolId>(i)) return false;
  }
  return true;
}
static_assert(in_order(kRows), "a protocol's row stands at its ProtocolId");

}  // namespace

constinit const ProtocolTable kProtocolTable = kRows;

}  // namespace wireglass
