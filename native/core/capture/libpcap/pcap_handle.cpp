#include "capture/libpcap/pcap_handle.hpp"

#ifdef WIREGLASS_HAVE_PCAP

#include <algorithm>

#include "capture/live_interface.hpp"

namespace wireglass {

namespace {

constexpr int kReadTimeoutMs = 20;

Error activation_error(int status, pcap_t* handle, const std::string& interface) {
  const std::string detail = pcap_geterr(handle);
  switch (status) {
    case PCAP_ERROR_NO_SUCH_DEVICE: {
      const Result<LiveInterface> found = find_interface(interface);
      return found.ok() ? Error{"capture_failed", "interface '" + interface + "': " + detail} : found.error();
    }
    case PCAP_ERROR_PERM_DENIED:
      return permission_error("capturing on '" + interface + "' with libpcap");
    case PCAP_ERROR_IFACE_NOT_UP:
      return {"interface_down",
              "interface '" + interface + "' is down. Bring it up: ip link set " + interface + " up"};
    default:
      return {"capture_failed", "interface '" + interface + "': " +
                                    (detail.empty() ? std::string(pcap_statustostr(status)) : detail)};
  }
}

}  // namespace

Result<PcapHandle> activate_pcap(const LiveOptions& options) {
  std::array<char, PCAP_ERRBUF_SIZE> message{};
  PcapHandle handle(pcap_create(options.interface.c_str(), message.data()));
  if (!handle) return Error{"capture_failed", "interface '" + options.interface + "': " + message.data()};
  constexpr std::uint32_t kMaxBufferMb = 2047;  // libpcap takes the size as an int of bytes
  pcap_set_snaplen(handle.get(), static_cast<int>(options.snaplen));
  pcap_set_promisc(handle.get(), options.promiscuous ? 1 : 0);
  pcap_set_timeout(handle.get(), kReadTimeoutMs);
  pcap_set_buffer_size(handle.get(), static_cast<int>(std::min(options.buffer_size_mb, kMaxBufferMb) << 20));
  pcap_set_tstamp_precision(handle.get(), PCAP_TSTAMP_PRECISION_NANO);
  const int status = pcap_activate(handle.get());
  if (status < 0) return activation_error(status, handle.get(), options.interface);
  if (pcap_setnonblock(handle.get(), 1, message.data()) != 0) {
    return Error{"capture_failed", "interface '" + options.interface + "': " + message.data()};
  }
  return handle;
}

}  // namespace wireglass

#endif
