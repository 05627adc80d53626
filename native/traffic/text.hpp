#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace wireglass {

/// Appends to a buffer of fixed size. What does not fit is left out: size() never exceeds the buffer.
class TextWriter {
 public:
  explicit TextWriter(std::span<std::byte> buffer) : buffer_(buffer) {}

  TextWriter& text(std::string_view text);
  TextWriter& bytes(std::span<const std::byte> bytes);
  TextWriter& number(std::uint64_t value);
  /// `digits` lower-case hexadecimal digits; 0: as many as needed.
  TextWriter& hex(std::uint64_t value, int digits = 0);
  TextWriter& u8(std::uint8_t value);
  TextWriter& u16(std::uint16_t value);  ///< network order
  TextWriter& u32(std::uint32_t value);
  TextWriter& u64(std::uint64_t value);

  std::uint32_t size() const { return static_cast<std::uint32_t>(size_); }
  std::byte* at(std::size_t offset) { return buffer_.data() + offset; }
  std::string_view view() const;

 private:
  std::span<std::byte> buffer_;
  std::size_t size_ = 0;
};

/// Stocks of text to cut payloads from, so that making a long message is a copy.
class TextPools {
 public:
  static constexpr std::uint32_t kPoolBytes = 64 * 1024;
  static constexpr std::uint32_t kMaxSliceBytes = 48 * 1024;
  static constexpr std::uint32_t kFloatBytes = 8;  ///< of one number with its comma

  explicit TextPools(std::uint64_t seed);

  // `draw` chooses the place; `bytes` is at most kMaxSliceBytes.
  std::string_view words(std::uint64_t draw, std::uint32_t bytes) const {
    return slice(words_, draw, bytes, 1);
  }
  std::string_view base64(std::uint64_t draw, std::uint32_t bytes) const {
    return slice(base64_, draw, bytes, 1);
  }
  std::string_view random(std::uint64_t draw, std::uint32_t bytes) const {
    return slice(random_, draw, bytes, 1);
  }
  /// `count` JSON numbers with commas between them.
  std::string_view floats(std::uint64_t draw, std::uint32_t count) const;

 private:
  static std::string_view slice(const std::string& pool, std::uint64_t draw, std::uint32_t bytes,
                                std::uint32_t alignment);

  std::string words_;
  std::string base64_;
  std::string random_;
  std::string floats_;
};

}  // namespace wireglass
