#include "app/ja4.hpp"

#include <algorithm>
#include <cstdint>
#include <span>

#include "app/byte_reader.hpp"
#include "base/sha256.hpp"

namespace wireglass {
namespace {

constexpr std::uint16_t kServerName = 0;
constexpr std::uint16_t kAlpn = 16;
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::size_t kHashDigits = 12;

/// A list of two-byte values without the GREASE ones.
class ValueList {
 public:
  bool add(std::uint16_t value) {
    if (is_grease(value)) return true;
    if (size_ == values_.size()) return false;
    values_[size_++] = value;
    return true;
  }
  std::size_t size() const { return size_; }
  std::span<std::uint16_t> values() { return {values_.data(), size_}; }

 private:
  std::array<std::uint16_t, Ja4::kMaxValues> values_;
  std::size_t size_ = 0;
};

bool read_values(std::span<const std::byte> bytes, ValueList& list) {
  ByteReader reader(bytes);
  while (reader.remaining() >= 2) {
    if (!list.add(reader.u16())) return false;
  }
  return true;
}

bool read_extension_types(std::span<const std::byte> extensions, ValueList& list) {
  ByteReader reader(extensions);
  while (reader.remaining() > 0) {
    const std::uint16_t type = reader.u16();
    reader.vector16();
    if (!reader.passed_end() && !list.add(type)) return false;
  }
  return true;
}

/// Text to be hashed: values in hex with commas between them.
class HashInput {
 public:
  void add(std::span<const std::uint16_t> values) {
    bool first = true;
    for (const std::uint16_t value : values) {
      if (!first) put(',');
      first = false;
      for (int shift = 12; shift >= 0; shift -= 4) put(kHexDigits[value >> shift & 0xf]);
    }
  }
  void put(char character) { bytes_[size_++] = static_cast<std::byte>(character); }

  /// The first twelve digits of the text's SHA-256, or as many zeros for no text.
  void digest(char* digits) const {
    if (size_ == 0) {
      std::fill_n(digits, kHashDigits, '0');
      return;
    }
    const Sha256Digest hash = sha256({bytes_.data(), size_});
    for (std::size_t i = 0; i < kHashDigits; ++i) {
      const auto byte = std::to_integer<unsigned>(hash[i / 2]);
      digits[i] = kHexDigits[i % 2 == 0 ? byte >> 4 : byte & 0xf];
    }
  }

 private:
  std::array<std::byte, 2 * 5 * Ja4::kMaxValues> bytes_;
  std::size_t size_ = 0;
};

struct VersionName {
  std::uint16_t version;
  std::string_view name;
};
constexpr std::array kVersionNames = {
    VersionName{0x0304, "13"}, VersionName{0x0303, "12"}, VersionName{0x0302, "11"},
    VersionName{0x0301, "10"}, VersionName{0x0300, "s3"}, VersionName{0x0002, "s2"},
    VersionName{0xfeff, "d1"}, VersionName{0xfefd, "d2"}, VersionName{0xfefc, "d3"}};

/// The highest number that the client supports. For DTLS, whose numbers fall, that is its oldest version: the
/// format says so, and other makers of fingerprints do the same.
std::string_view version_name(const ClientHello& hello) {
  std::uint16_t version = hello.legacy_version;
  if (!hello.supported_versions.empty()) {
    version = 0;
    ByteReader reader(hello.supported_versions);
    while (reader.remaining() >= 2) {
      const std::uint16_t offered = reader.u16();
      if (!is_grease(offered)) version = std::max(version, offered);
    }
  }
  for (const VersionName& known : kVersionNames) {
    if (known.version == version) return known.name;
  }
  return "00";
}

bool is_alphanumeric(unsigned character) {
  return (character >= '0' && character <= '9') || (character >= 'A' && character <= 'Z') ||
         (character >= 'a' && character <= 'z');
}

/// First and last character of the protocol; of its hex digits where one of both is not alphanumeric.
std::array<char, 2> alpn_ends(std::span<const std::byte> alpn) {
  if (alpn.empty()) return {'0', '0'};
  const auto first = std::to_integer<unsigned>(alpn.front());
  const auto last = std::to_integer<unsigned>(alpn.back());
  if (is_alphanumeric(first) && is_alphanumeric(last))
    return {static_cast<char>(first), static_cast<char>(last)};
  return {kHexDigits[first >> 4], kHexDigits[last & 0xf]};
}

char* put_count(char* at, std::size_t count) {
  const std::size_t capped = std::min<std::size_t>(count, 99);
  *at++ = static_cast<char>('0' + capped / 10);
  *at++ = static_cast<char>('0' + capped % 10);
  return at;
}

char transport_letter(TlsTransport transport) {
  constexpr std::array kLetters = {'t', 'q', 'd'};
  return kLetters[static_cast<std::size_t>(transport)];
}

}  // namespace

Ja4::Ja4(const ClientHello& hello, TlsTransport transport) {
  ValueList ciphers;
  ValueList extensions;
  ValueList signatures;
  if (!read_values(hello.cipher_suites, ciphers) || !read_extension_types(hello.extensions, extensions) ||
      !read_values(hello.signature_algorithms, signatures)) {
    return;
  }
  char* at = text_.data();
  *at++ = transport_letter(transport);
  const std::string_view version = version_name(hello);
  at = std::copy(version.begin(), version.end(), at);
  *at++ = hello.has_server_name ? 'd' : 'i';
  at = put_count(at, ciphers.size());
  at = put_count(at, extensions.size());
  const std::array ends = alpn_ends(hello.alpn);
  at = std::copy(ends.begin(), ends.end(), at);

  *at++ = '_';
  std::sort(ciphers.values().begin(), ciphers.values().end());
  HashInput cipher_text;
  cipher_text.add(ciphers.values());
  cipher_text.digest(at);
  at += kHashDigits;

  *at++ = '_';
  const auto values = extensions.values();
  std::sort(values.begin(), values.end());
  const auto end = std::remove_if(values.begin(), values.end(),
                                  [](std::uint16_t type) { return type == kServerName || type == kAlpn; });
  HashInput extension_text;
  if (end != values.begin()) {
    extension_text.add(values.first(static_cast<std::size_t>(end - values.begin())));
    if (signatures.size() > 0) {
      extension_text.put('_');
      extension_text.add(signatures.values());
    }
  }
  extension_text.digest(at);
  at += kHashDigits;
  size_ = static_cast<std::size_t>(at - text_.data());
}

}  // namespace wireglass
