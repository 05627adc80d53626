#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace wireglass {

/// Compiles a pcap-filter expression for the kernel, against the live interface: the kernel strips VLAN tags
/// before its filter runs, and libpcap knows how to ask for them only with an activated handle. The program
/// cuts what passes to `snaplen` bytes. An empty expression passes everything. Errors: "bad_capture_filter"
/// (libpcap's words), "permission_denied", "interface_not_found", "backend_unavailable" (built without
/// libpcap and the expression is not empty).
Result<std::vector<sock_filter>> compile_capture_filter(const std::string& interface,
                                                        const std::string& expression, std::uint32_t snaplen);

}  // namespace wireglass
