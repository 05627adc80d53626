#pragma once

#include <cstdint>
#include <string>

#include "packet/link_type.hpp"

namespace wireglass {

/// What is known of an interface that packets were seen on: a PCAPNG interface description, or a live port.
struct InterfaceInfo {
  std::string name;  ///< if_name, or the file's name where the format has none
  LinkType link_type = LinkType::kEthernet;
  std::uint32_t snaplen = 0;  ///< 0: no limit
};

}  // namespace wireglass
