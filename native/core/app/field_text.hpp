#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace wireglass {

/// A string field under construction: valid UTF-8 of at most 255 bytes that prints on one line.
class FieldText {
 public:
  static constexpr std::size_t kMaxBytes = 255;

  void clear() {
    size_ = 0;
    cut_ = false;
  }
  std::string_view view() const { return {bytes_.data(), size_}; }
  bool empty() const { return size_ == 0; }
  /// Something did not fit. What was appended before is whole: no character or escape is cut in two.
  bool cut() const { return cut_; }

  /// Text that is known to print.
  void append(std::string_view text);

  /// Bytes of a packet. Printing characters, the backslash among them, stay as they are. ASCII controls
  /// become C escapes (\n) or three octal digits (\033), other characters that print nothing or turn the
  /// direction of text \uXXXX, and each run that is no UTF-8 one U+FFFD: what Wireshark makes of names, but
  /// that it also escapes characters that Unicode has not assigned.
  void append_escaped(std::span<const std::byte> bytes);

 private:
  void append_control(unsigned char character);
  /// The character that begins at `at`; returns the bytes it takes.
  std::size_t append_multibyte(std::span<const std::byte> bytes, std::size_t at);

  std::array<char, kMaxBytes> bytes_;
  std::uint8_t size_ = 0;
  bool cut_ = false;
};

}  // namespace wireglass
