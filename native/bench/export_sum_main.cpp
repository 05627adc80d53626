// export_sum: receives NetFlow and IPFIX on a loopback port of the system's choice, prints that port as its
// first line, and at SIGTERM, once nothing waits any more, what the messages sum to as a line of JSON.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>

#include "bench/netflow_totals.hpp"

namespace {

using namespace wireglass::bench;

constexpr int kReceiveBufferBytes = 256 << 20;
constexpr std::size_t kMessages = 64;
constexpr std::size_t kMessageBytes = 9'000;

volatile std::sig_atomic_t stopping = 0;
void stop(int) { stopping = 1; }

struct Messages {
  std::array<std::array<std::byte, kMessageBytes>, kMessages> bytes;
  std::array<std::array<std::byte, 64>, kMessages> control;
  std::array<iovec, kMessages> vectors;
  std::array<mmsghdr, kMessages> headers;

  void prepare() {
    for (std::size_t i = 0; i < kMessages; ++i) {
      vectors[i] = {bytes[i].data(), kMessageBytes};
      headers[i] = {};
      headers[i].msg_hdr.msg_iov = &vectors[i];
      headers[i].msg_hdr.msg_iovlen = 1;
      headers[i].msg_hdr.msg_control = control[i].data();
      headers[i].msg_hdr.msg_controllen = control[i].size();
    }
  }
};

/// Messages that the socket had no room for, since it was opened.
void note_overflow(msghdr& header, std::uint32_t& lost) {
  for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
    if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == SO_RXQ_OVFL) {
      std::memcpy(&lost, CMSG_DATA(item), sizeof(lost));
    }
  }
}

int open_socket() {
  const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -1;
  const int on = 1;
  const timeval wait{0, 100'000};
  setsockopt(descriptor, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on));
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
  // Beyond net.core.rmem_max only with CAP_NET_ADMIN; without it, what is lost shows as lost_messages.
  if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBufferBytes, sizeof(int)) != 0) {
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &kReceiveBufferBytes, sizeof(int));
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(descriptor, generic, length) != 0 || getsockname(descriptor, generic, &length) != 0) return -1;
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return descriptor;
}

}  // namespace

int main() {
  struct sigaction action{};
  action.sa_handler = stop;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  const int descriptor = open_socket();
  if (descriptor < 0) {
    std::perror("export_sum");
    return 1;
  }
  const auto messages = std::make_unique<Messages>();
  NetflowTotals totals;
  std::uint32_t lost = 0;
  for (;;) {
    messages->prepare();
    const int count = recvmmsg(descriptor, messages->headers.data(), kMessages, MSG_WAITFORONE, nullptr);
    if (count <= 0 && stopping != 0) break;
    for (int i = 0; i < count; ++i) {
      mmsghdr& header = messages->headers[static_cast<std::size_t>(i)];
      note_overflow(header.msg_hdr, lost);
      totals.add({messages->bytes[static_cast<std::size_t>(i)].data(), header.msg_len});
    }
  }
  close(descriptor);
  std::printf(
      "{\"messages\":%lu,\"records\":%lu,\"packets\":%lu,\"ip_bytes\":%lu,\"undecoded\":%lu,"
      "\"lost_messages\":%u}\n",
      totals.messages(), totals.records(), totals.packets(), totals.ip_bytes(), totals.undecoded(), lost);
  return 0;
}
