#include "decode/protocol_table.hpp"

#include "decode/ethernet.hpp"
#include "decode/geneve.hpp"
#include "decode/gtp_u.hpp"
#include "decode/icmp.hpp"
#include "decode/icmpv6.hpp"
#include "decode/ipv4.hpp"
#include "decode/ipv6.hpp"
#include "decode/linux_sll.hpp"
#include "decode/lisp.hpp"
#include "decode/lisp_control.hpp"
#include "decode/llc.hpp"
#include "decode/null_loop.hpp"
#include "decode/ppp.hpp"
#include "decode/raw_ip.hpp"
#include "decode/tcp.hpp"
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
}};

constexpr bool in_order(const ProtocolTable& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].id != static_cast<ProtocolId>(i)) return false;
  }
  return true;
}
static_assert(in_order(kRows), "a protocol's row stands at its ProtocolId");

struct LinkTypeRow {
  LinkType link_type;
  ProtocolId protocol;
};
constexpr std::array<LinkTypeRow, 9> kLinkTypes = {{
    {LinkType::kEthernet, ProtocolId::kEthernet},
    {LinkType::kRaw, ProtocolId::kRawIp},
    {LinkType::kLinuxSll, ProtocolId::kLinuxSll},
    {LinkType::kLinuxSll2, ProtocolId::kLinuxSll2},
    {LinkType::kNull, ProtocolId::kNullLoop},
    {LinkType::kLoop, ProtocolId::kNullLoop},
    {LinkType::kPpp, ProtocolId::kPpp},
    {LinkType::kIpv4, ProtocolId::kIpv4},
    {LinkType::kIpv6, ProtocolId::kIpv6},
}};

}  // namespace

constinit const ProtocolTable kProtocolTable = kRows;

ProtocolId protocol_of_link_type(LinkType link_type) {
  for (const LinkTypeRow& row : kLinkTypes) {
    if (row.link_type == link_type) return row.protocol;
  }
  return ProtocolId::kEnd;
}

}  // namespace wireglass
