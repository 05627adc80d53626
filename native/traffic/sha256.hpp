#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace wireglass {

using Sha256Digest = std::array<std::byte, 32>;

/// SHA-256 (FIPS 180-4). Here by hand because the generator is built wherever the core is, and the headers of
/// a crypto library are no requirement of the build; nothing but the generated Map-Registers is signed with
/// it.
Sha256Digest sha256(std::span<const std::byte> message);

/// HMAC (RFC 2104) with SHA-256; `key` is at most 64 bytes, `message` at most kMaxHmacMessageBytes.
inline constexpr std::size_t kMaxHmacMessageBytes = 1024;
Sha256Digest hmac_sha256(std::span<const std::byte> key, std::span<const std::byte> message);

}  // namespace wireglass
