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
  for (const auto& field : fields) {
    if (json.size() > 1) json += ',';
    json += '"';
    json += field.name;
    json += "\":";
    json += std::to_string(field.value);
  }
  json += '}';
  return json;
}

}  // namespace wireglass
