#include <string>
#include <string_view>

#include "traffic/generator.hpp"

namespace wireglass {

std::string TrafficLedger::to_json() const {
  const struct {
    std::string_view name;
    std::uint64_t value;
  } fields[] = {{"packets", packets},
                {"bytes", bytes},
                {"ip_bytes", ip_bytes},
                {"biflows", biflows},
                {"outer_tcp", outer_tcp},
                {"outer_udp", outer_udp},
                {"inner_tcp", inner_tcp},
                {"inner_udp", inner_udp},
                {"tcp_packets", tcp_packets},
                {"udp_packets", udp_packets},
                {"icmp_packets", icmp_packets},
                {"lisp_packets", lisp_packets},
                {"lisp_control_packets", lisp_control_packets},
                {"ipv6_packets", ipv6_packets},
                {"vlan_packets", vlan_packets},
                {"tcp_retransmissions", tcp_retransmissions}};
  std::string json = "{";
  const auto add = [&json](const std::string& name, std::uint64_t value) {
    if (json.size() > 1) json += ',';
    json += '"' + name + "\":" + std::to_string(value);
  };
  for (const auto& field : fields) add(std::string(field.name), field.value);
  for (std::size_t overlay = 0; overlay < tunnels.size(); ++overlay) {
    const TunnelLedger& tunnel = tunnels[overlay];
    if (tunnel.packets == 0) continue;
    const std::string prefix = "overlay_" + std::string(kOverlayNames[overlay]);
    add(prefix + "_packets", tunnel.packets);
    add(prefix + "_ip_bytes", tunnel.ip_bytes);
    add(prefix + "_biflows", tunnel.biflows);
  }
  json += '}';
  return json;
}

}  // namespace wireglass
