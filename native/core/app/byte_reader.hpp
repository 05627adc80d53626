#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace wireglass {

/// Reads a message front to back. A read that passes the end gives zeros or nothing and is remembered, so
/// that a parser may ask once, behind a group of reads.
class ByteReader {
 public:
  ByteReader() = default;
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  bool passed_end() const { return passed_end_; }
  std::size_t remaining() const { return bytes_.size(); }

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u24() { return number(3); }
  std::uint32_t u32() { return number(4); }

  std::span<const std::byte> bytes(std::size_t size) {
    if (size > bytes_.size()) return pass_end();
    const auto taken = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return taken;
  }
  std::span<const std::byte> rest() { return bytes(bytes_.size()); }

  void skip_zeros() {
    std::size_t zeros = 0;
    while (zeros < bytes_.size() && bytes_[zeros] == std::byte{0}) ++zeros;
    bytes_ = bytes_.subspan(zeros);
  }

  /// A vector of TLS (RFC 8446 section 3.4): its length in 1 or 2 bytes, then its bytes.
  std::span<const std::byte> vector8() { return bytes(u8()); }
  std::span<const std::byte> vector16() { return bytes(u16()); }

 private:
  std::uint32_t number(std::size_t size) {
    std::uint32_t value = 0;
    for (const std::byte byte : bytes(size)) value = value << 8 | std::to_integer<std::uint32_t>(byte);
    return value;
  }
  std::span<const std::byte> pass_end() {
    passed_end_ = true;
    bytes_ = {};
    return {};
  }

  std::span<const std::byte> bytes_;
  bool passed_end_ = false;
};

}  // namespace wireglass
