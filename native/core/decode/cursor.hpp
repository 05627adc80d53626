#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace wireglass {

/// `Size` bytes that are known to be there. Reads name their offset at compile time, so that a read outside
/// does not compile; they are big-endian (network order) unless their name says otherwise.
template <std::size_t Size>
class HeaderBytes {
 public:
  HeaderBytes() = default;
  explicit HeaderBytes(const std::byte* data) : data_(data) {}

  explicit operator bool() const { return data_ != nullptr; }

  template <std::size_t Offset>
  std::uint8_t u8() const {
    static_assert(Offset + 1 <= Size);
    return std::to_integer<std::uint8_t>(data_[Offset]);
  }

  template <std::size_t Offset>
  std::uint16_t u16() const {
    static_assert(Offset + 2 <= Size);
    std::uint16_t word = 0;
    std::memcpy(&word, data_ + Offset, sizeof(word));
    return __builtin_bswap16(word);
  }

  template <std::size_t Offset>
  std::uint32_t u32() const {
    static_assert(Offset + 4 <= Size);
    std::uint32_t word = 0;
    std::memcpy(&word, data_ + Offset, sizeof(word));
    return __builtin_bswap32(word);
  }

  /// The same in the other byte order, which headers written by a capturing host have.
  template <std::size_t Offset>
  std::uint16_t u16_le() const {
    return __builtin_bswap16(u16<Offset>());
  }

  template <std::size_t Offset>
  std::uint32_t u32_le() const {
    return __builtin_bswap32(u32<Offset>());
  }

 private:
  const std::byte* data_ = nullptr;
};

/// A position in a packet and the end that reads must not pass. Invariant: offset() <= end() <= bytes of the
/// packet.
class Cursor {
 public:
  /// The caller's bytes must be fewer than 2^32, as a captured length is.
  explicit Cursor(std::span<const std::byte> bytes)
      : data_(bytes.data()), end_(static_cast<std::uint32_t>(bytes.size())) {}

  std::uint32_t offset() const { return offset_; }
  std::uint32_t end() const { return end_; }
  std::uint32_t remaining() const { return end_ - offset_; }

  /// The next `Size` bytes without moving, or an empty view when they are not all there.
  template <std::size_t Size>
  HeaderBytes<Size> peek() const {
    return remaining() >= Size ? HeaderBytes<Size>(data_ + offset_) : HeaderBytes<Size>();
  }

  /// Moves on; false, without moving, when fewer bytes are left.
  bool skip(std::uint32_t size) {
    if (size > remaining()) return false;
    offset_ += size;
    return true;
  }

  /// Moves the end to `end` (an offset in the packet) where that is nearer, never before the position.
  void narrow(std::uint32_t end) {
    if (end >= end_) return;
    end_ = end < offset_ ? offset_ : end;
  }

  /// A big-endian number of `size` (at most 8) bytes at an offset in the packet; false when it is not all
  /// there.
  bool read_at(std::uint32_t at, std::uint32_t size, std::uint64_t& value) const {
    if (at > end_ || size > end_ - at || size > sizeof(value)) return false;
    value = 0;
    for (std::uint32_t i = 0; i < size; ++i) {
      value = value << 8 | std::to_integer<std::uint64_t>(data_[at + i]);
    }
    return true;
  }

  /// `size` bytes at an offset in the packet; empty when they are not all there.
  std::span<const std::byte> bytes_at(std::uint32_t at, std::uint32_t size) const {
    if (at > end_ || size > end_ - at) return {};
    return {data_ + at, size};
  }

 private:
  const std::byte* data_ = nullptr;
  std::uint32_t offset_ = 0;
  std::uint32_t end_ = 0;
};

}  // namespace wireglass
