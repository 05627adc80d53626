#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wireglass::testing {

/// Bytes of a message, put together in tests.
class Bytes {
 public:
  Bytes() = default;
  explicit Bytes(std::string_view text) { add(text); }

  Bytes& u8(unsigned value) {
    bytes_.push_back(static_cast<std::byte>(value));
    return *this;
  }
  Bytes& u16(unsigned value) { return u8(value >> 8 & 0xff).u8(value & 0xff); }
  Bytes& u24(unsigned value) { return u8(value >> 16 & 0xff).u16(value & 0xffff); }
  Bytes& add(std::string_view text) {
    for (const char character : text) u8(static_cast<unsigned char>(character));
    return *this;
  }
  Bytes& add(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  /// The bytes behind their length.
  Bytes& vector8(const Bytes& content) {
    return u8(static_cast<unsigned>(content.size())).add(content.span());
  }
  Bytes& vector16(const Bytes& content) {
    return u16(static_cast<unsigned>(content.size())).add(content.span());
  }
  Bytes& vector24(const Bytes& content) {
    return u24(static_cast<unsigned>(content.size())).add(content.span());
  }

  std::size_t size() const { return bytes_.size(); }
  std::span<const std::byte> span() const { return bytes_; }
  std::span<const std::byte> first(std::size_t size) const { return span().first(size); }
  std::byte& operator[](std::size_t at) { return bytes_[at]; }

 private:
  std::vector<std::byte> bytes_;
};

inline Bytes values16(std::initializer_list<unsigned> values) {
  Bytes list;
  for (const unsigned value : values) list.u16(value);
  return list;
}

/// A name of a DNS message, its labels as given.
inline Bytes dns_name(std::initializer_list<std::string_view> labels) {
  Bytes name;
  for (const std::string_view label : labels) name.vector8(Bytes(label));
  return name.u8(0);
}

/// A query, or a response to it, with one question of type A.
inline Bytes dns_message(const Bytes& name, unsigned flags = 0x0100, unsigned questions = 1) {
  return Bytes().u16(0x1234).u16(flags).u16(questions).u16(0).u16(0).u16(0).add(name.span()).u16(1).u16(1);
}

struct HelloParts {
  unsigned version = 0x0303;
  Bytes cipher_suites = values16({0x1301, 0x1302, 0xc02f});
  std::vector<std::pair<unsigned, Bytes>> extensions;
};

inline Bytes server_name(std::string_view name) {
  return Bytes().vector16(Bytes().u8(0).vector16(Bytes(name)));
}
inline Bytes alpn(std::initializer_list<std::string_view> protocols) {
  Bytes list;
  for (const std::string_view protocol : protocols) list.vector8(Bytes(protocol));
  return Bytes().vector16(list);
}

/// The body of a ClientHello.
inline Bytes client_hello(const HelloParts& parts) {
  Bytes extensions;
  for (const auto& [type, data] : parts.extensions) extensions.u16(type).vector16(data);
  return Bytes()
      .u16(parts.version)
      .add(std::string(32, 'r'))
      .vector8(Bytes(std::string(32, 's')))
      .vector16(parts.cipher_suites)
      .vector8(Bytes().u8(0))
      .vector16(extensions);
}

inline HelloParts usual_hello(std::string_view name = "www.example.com") {
  HelloParts parts;
  parts.extensions = {{0x0000, server_name(name)},
                      {0x0010, alpn({"h2", "http/1.1"})},
                      {0x000d, Bytes().vector16(values16({0x0403, 0x0804, 0x0401}))},
                      {0x002b, Bytes().vector8(values16({0x1a1a, 0x0304, 0x0303}))}};
  return parts;
}

/// A handshake message in TLS records of at most `record_bytes` each.
inline Bytes tls_records(const Bytes& body, std::size_t record_bytes = 16'384, unsigned type = 1) {
  const Bytes message = Bytes().u8(type).vector24(body);
  Bytes stream;
  for (std::size_t at = 0; at < message.size(); at += record_bytes) {
    const std::size_t size = std::min(record_bytes, message.size() - at);
    stream.u8(22).u16(0x0301).u16(static_cast<unsigned>(size)).add(message.span().subspan(at, size));
  }
  return stream;
}

inline std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace wireglass::testing
