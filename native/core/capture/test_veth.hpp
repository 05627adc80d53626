#pragma once

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace wireglass::testing {

using Frame = std::vector<std::byte>;

/// A network namespace of this thread alone with a veth pair in it: frames sent into "wg0" come out of "wg1".
/// Gone with the process. Needs root and the program ip.
class PrivateVeth {
 public:
  /// False where this process may not make namespaces; the test then skips.
  bool open() {
    if (unshare(CLONE_NEWNET) != 0) return false;
    std::ofstream("/proc/sys/net/ipv6/conf/default/disable_ipv6")
        << "1";  // no neighbour discovery in between
    const char* commands =
        "ip link add wg0 type veth peer name wg1 && ip link set wg0 up && ip link set wg1 up && ip link set "
        "lo up";
    if (std::system(commands) != 0) return false;  // NOLINT(cert-env33-c)
    socket_ = ::socket(AF_PACKET, SOCK_RAW, 0);
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_ifindex = static_cast<int>(if_nametoindex("wg0"));
    return socket_ >= 0 && bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~PrivateVeth() {
    if (socket_ >= 0) close(socket_);
  }

  bool send(const Frame& frame) const {
    return ::send(socket_, frame.data(), frame.size(), 0) == static_cast<ssize_t>(frame.size());
  }

  /// An Ethernet frame with an optional VLAN tag around an IPv4/UDP datagram to `port`, told apart by
  /// `number`.
  static Frame udp_frame(std::uint32_t number, std::uint16_t port, std::uint16_t vlan = 0,
                         std::size_t size = 100) {
    std::vector<std::uint8_t> bytes = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
    const auto put16 = [&bytes](std::uint16_t value) {
      bytes.push_back(static_cast<std::uint8_t>(value >> 8));
      bytes.push_back(static_cast<std::uint8_t>(value));
    };
    if (vlan != 0) {
      put16(0x8100);
      put16(vlan);
    }
    put16(0x0800);
    const std::size_t ip_bytes = size - bytes.size();
    for (const std::uint16_t word :
         {0x4500, static_cast<int>(ip_bytes), 0, 0x4000, 0x4011, 0, 0x0a00, 0x0001, 0x0a00, 0x0002, 40000,
          static_cast<int>(port), static_cast<int>(ip_bytes - 20), 0}) {
      put16(word);
    }
    put16(static_cast<std::uint16_t>(number >> 16));
    put16(static_cast<std::uint16_t>(number));
    bytes.resize(size, 0xab);
    Frame frame(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) frame[i] = static_cast<std::byte>(bytes[i]);
    return frame;
  }

 private:
  int socket_ = -1;
};

}  // namespace wireglass::testing
