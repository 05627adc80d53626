#pragma once

#include <array>
#include <cstdint>

#include "packet/generated/flow_enums.hpp"

namespace wireglass {

/// Tunnels whose receiver chooses the identifier that packets to it carry, so that the two directions of one
/// conversation have two: GTP-U (3GPP TS 29.281 section 5.1), PPTP (RFC 2637 section 4.1), L2TP (RFC 2661
/// section 3.1, RFC 3931 section 4.1) and MPLS (RFC 3031 section 3.1).
inline constexpr std::array<Overlay, 4> kOverlaysWithIdentifierPerDirection = {
    Overlay::kGtpU, Overlay::kPptp, Overlay::kL2tp, Overlay::kMpls};

constexpr bool has_identifier_per_direction(Overlay overlay) {
  std::uint64_t set = 0;
  for (const Overlay member : kOverlaysWithIdentifierPerDirection) {
    set |= std::uint64_t{1} << static_cast<unsigned>(member);
  }
  return (set >> static_cast<unsigned>(overlay) & 1) != 0;
}
static_assert(kOverlayNames.size() <= 64);

}  // namespace wireglass
