#pragma once

#ifdef WIREGLASS_HAVE_PCAP

#include <pcap/pcap.h>

#include <memory>

#include "base/result.hpp"
#include "capture/capture_backend.hpp"

namespace wireglass {

struct PcapCloser {
  void operator()(pcap_t* handle) const { pcap_close(handle); }
};
using PcapHandle = std::unique_ptr<pcap_t, PcapCloser>;

/// An activated, non-blocking handle on a live interface with nanosecond time stamps where libpcap has them.
/// Errors: "interface_not_found", "interface_down", "permission_denied", "capture_failed".
Result<PcapHandle> activate_pcap(const LiveOptions& options);

}  // namespace wireglass

#endif
