#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace wireglass {

using Sha256Digest = std::array<std::byte, 32>;

/// SHA-256 (FIPS 180-4). Here by hand because the core is built where the headers of a crypto library are
/// missing, and an addon that brings a second OpenSSL into Node's process asks for trouble. Fingerprints and
/// generated traffic are hashed with it, nothing that is secret.
Sha256Digest sha256(std::span<const std::byte> message);

/// HMAC (RFC 2104) with SHA-256; `key` is at most 64 bytes, `message` at most kMaxHmacMessageBytes.
inline constexpr std::size_t kMaxHmacMessageBytes = 1024;
Sha256Digest hmac_sha256(std::span<const std::byte> key, std::span<const std::byte> message);

}  // namespace wireglass
