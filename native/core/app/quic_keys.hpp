#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "app/quic_initial.hpp"
#include "base/aes128.hpp"

namespace wireglass {

/// What protects the client's Initial packets (RFC 9001 section 5.2, RFC 9369 section 3.3).
struct QuicKeys {
  Aes128 payload;
  Aes128 header;
  std::array<std::byte, 12> iv;

  /// None for a version whose salt is not known.
  static std::optional<QuicKeys> derive(const QuicConnection& connection);
};

bool is_known_quic_version(std::uint32_t version);
/// The two type bits of an Initial packet's first byte.
std::uint8_t quic_initial_type(std::uint32_t version);

}  // namespace wireglass
