#pragma once

#include <cstdint>
#include <string>

namespace wireglass {

/// Link-layer header types by their LINKTYPE_ value (the value in files; some DLT_ values of libpcap differ).
/// Those named here are decoded; any other value is carried and refused by name.
enum class LinkType : std::uint16_t {
  kNull = 0,
  kEthernet = 1,
  kPpp = 9,
  kRaw = 101,
  kLoop = 108,
  kLinuxSll = 113,
  kIpv4 = 228,
  kIpv6 = 229,
  kLinuxSll2 = 276,
};

/// The type of any value, named above or not.
constexpr LinkType link_type_of(std::uint16_t value) {
  return static_cast<LinkType>(value);  // NOLINT(clang-analyzer-optin.core.EnumCastOutOfRange)
}

/// "Ethernet (1)", "IEEE 802.11 (105)", "link type 4711".
std::string link_type_name(LinkType type);

}  // namespace wireglass
