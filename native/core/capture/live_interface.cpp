#include "capture/live_interface.hpp"

#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace wireglass {

namespace {

constexpr std::size_t kMaxNamesInMessage = 16;

std::string interface_names() {
  std::string names;
  struct if_nameindex* all = if_nameindex();
  if (all == nullptr) return "none";
  std::size_t shown = 0;
  for (const struct if_nameindex* it = all; it->if_index != 0 && shown < kMaxNamesInMessage; ++it, ++shown) {
    names += (names.empty() ? "" : ", ") + std::string(it->if_name);
  }
  if_freenameindex(all);
  return names.empty() ? "none" : names;
}

Result<LinkType> link_type_of(unsigned short hardware_type, const std::string& name) {
  switch (hardware_type) {
    case ARPHRD_ETHER:
    case ARPHRD_LOOPBACK:
      return LinkType::kEthernet;
    case ARPHRD_NONE:
    case ARPHRD_RAWIP:
    case ARPHRD_TUNNEL:
    case ARPHRD_TUNNEL6:
    case ARPHRD_SIT:
    case ARPHRD_PPP:
      return LinkType::kRaw;
    default:
      return Error{"link_type_unsupported", "interface '" + name + "' has hardware type " +
                                                std::to_string(hardware_type) +
                                                ", which af_packet cannot read; try the libpcap backend."};
  }
}

}  // namespace

Result<LiveInterface> find_interface(const std::string& name) {
  LiveInterface found;
  found.index = static_cast<int>(if_nametoindex(name.c_str()));
  if (found.index == 0 || name.size() >= IFNAMSIZ) {
    return Error{"interface_not_found",
                 "no interface '" + name + "' on this host; there are: " + interface_names()};
  }
  const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (control < 0) return Error{"capture_failed", std::string("socket: ") + std::strerror(errno)};
  ifreq request{};
  std::memcpy(request.ifr_name, name.data(), name.size());
  const bool has_flags = ioctl(control, SIOCGIFFLAGS, &request) == 0;
  const short flags = request.ifr_flags;
  const bool has_type = ioctl(control, SIOCGIFHWADDR, &request) == 0;
  close(control);
  if (!has_flags || !has_type) {
    return Error{"interface_not_found", "interface '" + name + "' cannot be read: " + std::strerror(errno)};
  }
  if ((flags & IFF_UP) == 0) {
    return Error{"interface_down",
                 "interface '" + name + "' is down. Bring it up: ip link set " + name + " up"};
  }
  found.is_loopback = (flags & IFF_LOOPBACK) != 0;
  Result<LinkType> link_type = link_type_of(request.ifr_hwaddr.sa_family, name);
  if (!link_type.ok()) return link_type.error();
  found.link_type = link_type.value();
  return found;
}

Error permission_error(const std::string& what) {
  return {"permission_denied",
          what +
              " needs the capability CAP_NET_RAW. Run as root, or give it to this process: setpriv "
              "--ambient-caps "
              "+net_raw --inh-caps +net_raw …, or AmbientCapabilities=CAP_NET_RAW in a systemd unit."};
}

std::uint64_t interface_missed_packets(const std::string& name) {
  std::ifstream file("/sys/class/net/" + name + "/statistics/rx_missed_errors");
  std::uint64_t missed = 0;
  return file >> missed ? missed : 0;
}

}  // namespace wireglass
