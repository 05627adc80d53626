#include "decode/decoder_config.hpp"

#include <algorithm>

namespace wireglass {

void DecoderConfig::set_ports(ProtocolId protocol, std::span<const std::uint16_t> ports) {
  std::erase_if(udp_ports, [&](const UdpPort& row) {
    return row.protocol == protocol || std::find(ports.begin(), ports.end(), row.port) != ports.end();
  });
  for (const std::uint16_t port : ports) udp_ports.push_back({port, protocol});
}

}  // namespace wireglass
