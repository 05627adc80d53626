#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "app/parse_status.hpp"

namespace wireglass {

enum class TlsTransport : std::uint8_t { kTcp, kQuic, kDtls };

/// Where the parts of a ClientHello stand (RFC 8446 section 4.1.2); views into its bytes.
struct ClientHello {
  std::uint16_t legacy_version = 0;
  std::span<const std::byte> cipher_suites;  ///< two bytes each
  std::span<const std::byte> extensions;     ///< the whole list; empty without
  bool has_server_name = false;              ///< the extension is there, whatever stands in it
  std::span<const std::byte> server_name;    ///< first host_name (RFC 6066 section 3)
  std::span<const std::byte> alpn;           ///< first protocol (RFC 7301 section 3.1)
  std::span<const std::byte> signature_algorithms;
  std::span<const std::byte> supported_versions;
};

/// Reads a handshake message's body. `hello` holds what was read even when the rest is missing (kNeedMore) or
/// wrong (kNotThis).
ParseStatus parse_client_hello(std::span<const std::byte> body, TlsTransport transport, ClientHello& hello);

/// GREASE (RFC 8701): values that a client sends to be ignored.
constexpr bool is_grease(std::uint16_t value) {
  return (value & 0x0f0f) == 0x0a0a && (value >> 8) == (value & 0xff);
}

}  // namespace wireglass
