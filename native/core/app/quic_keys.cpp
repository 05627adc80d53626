#include "app/quic_keys.hpp"

#include <algorithm>
#include <span>
#include <string_view>

#include "base/sha256.hpp"

namespace wireglass {
namespace {

using Salt = std::array<std::uint8_t, 20>;

constexpr Salt kSaltOfVersion1 = {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
                                  0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a};
constexpr Salt kSaltOfVersion2 = {0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
                                  0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9};
constexpr Salt kSaltOfDraft29 = {0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97,
                                 0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99};

struct Version {
  std::uint32_t first;
  std::uint32_t last;
  const Salt* salt;
  bool is_version2;
};
constexpr std::array kVersions = {
    Version{0x0000'0001, 0x0000'0001, &kSaltOfVersion1, false},
    Version{0x6b33'43cf, 0x6b33'43cf, &kSaltOfVersion2, true},
    Version{0xff00'001d, 0xff00'0020, &kSaltOfDraft29, false},   // drafts 29 to 32
    Version{0xff00'0021, 0xff00'0022, &kSaltOfVersion1, false},  // drafts 33 and 34
};

const Version* find_version(std::uint32_t version) {
  const auto found = std::find_if(kVersions.begin(), kVersions.end(), [version](const Version& row) {
    return version >= row.first && version <= row.last;
  });
  return found == kVersions.end() ? nullptr : &*found;
}

/// HKDF-Expand-Label (RFC 8446 section 7.1) without a context; at most one block of HKDF.
Sha256Digest expand_label(const Sha256Digest& secret, std::string_view label, std::size_t bytes) {
  std::array<std::byte, 40> info;
  std::size_t size = 0;
  const auto put = [&](std::size_t value) { info[size++] = static_cast<std::byte>(value); };
  const auto put_text = [&](std::string_view text) {
    for (const char character : text) put(static_cast<unsigned char>(character));
  };
  constexpr std::string_view kPrefix = "tls13 ";
  put(0);
  put(bytes);
  put(kPrefix.size() + label.size());
  put_text(kPrefix);
  put_text(label);
  put(0);
  put(1);  // HKDF's block counter
  return hmac_sha256(secret, {info.data(), size});
}

Aes128::Block key_of(const Sha256Digest& secret, std::string_view label) {
  const Sha256Digest expanded = expand_label(secret, label, Aes128::kBlockBytes);
  Aes128::Block key;
  std::copy_n(expanded.begin(), key.size(), key.begin());
  return key;
}

}  // namespace

bool is_known_quic_version(std::uint32_t version) { return find_version(version) != nullptr; }

std::uint8_t quic_initial_type(std::uint32_t version) {
  const Version* row = find_version(version);
  return row != nullptr && row->is_version2 ? 1 : 0;
}

std::optional<QuicKeys> QuicKeys::derive(const QuicConnection& connection) {
  const Version* row = find_version(connection.version);
  if (row == nullptr) return std::nullopt;
  const Sha256Digest initial =
      hmac_sha256(std::as_bytes(std::span(*row->salt)), std::span(connection.id).first(connection.id_bytes));
  const Sha256Digest client = expand_label(initial, "client in", sizeof(Sha256Digest));
  QuicKeys keys{Aes128(key_of(client, row->is_version2 ? "quicv2 key" : "quic key")),
                Aes128(key_of(client, row->is_version2 ? "quicv2 hp" : "quic hp")),
                {}};
  const Sha256Digest iv = expand_label(client, row->is_version2 ? "quicv2 iv" : "quic iv", keys.iv.size());
  std::copy_n(iv.begin(), keys.iv.size(), keys.iv.begin());
  return keys;
}

}  // namespace wireglass
