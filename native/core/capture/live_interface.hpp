#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "packet/link_type.hpp"

namespace wireglass {

/// A network interface as the kernel describes it.
struct LiveInterface {
  int index = 0;
  LinkType link_type = LinkType::kEthernet;
  bool is_loopback = false;
};

/// Looks an interface up. Errors: "interface_not_found" (names those there are), "interface_down",
/// "link_type_unsupported" (a hardware type whose frames this program cannot read).
Result<LiveInterface> find_interface(const std::string& name);

/// "permission_denied" in the words that help: which privilege is missing and how to give it.
Error permission_error(const std::string& what);

/// Packets that the interface lost for want of buffers since it came up (rx_missed_errors); 0 where it does
/// not tell.
std::uint64_t interface_missed_packets(const std::string& name);

}  // namespace wireglass
