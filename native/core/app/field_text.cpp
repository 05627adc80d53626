#include "app/field_text.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace wireglass {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

struct Utf8Form {
  std::uint8_t bytes = 0;  ///< of the sequence, 0 where the lead byte begins none
  std::uint8_t second_low = 0x80;
  std::uint8_t second_high = 0xbf;
};

/// Unicode 15, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF.
Utf8Form form_of(std::uint8_t lead) {
  if (lead < 0xc2 || lead > 0xf4) return {};
  if (lead < 0xe0) return {2};
  if (lead == 0xe0) return {3, 0xa0};
  if (lead == 0xed) return {3, 0x80, 0x9f};
  if (lead < 0xf0) return {3};
  if (lead == 0xf0) return {4, 0x90};
  if (lead == 0xf4) return {4, 0x80, 0x8f};
  return {4};
}

struct CodePointRange {
  std::uint32_t first;
  std::uint32_t last;
};

/// Controls, format characters, separators of lines and paragraphs: those that change a line without showing.
constexpr std::array kUnprintable = {
    CodePointRange{0x80, 0x9f},       CodePointRange{0xad, 0xad},     CodePointRange{0x600, 0x605},
    CodePointRange{0x61c, 0x61c},     CodePointRange{0x180e, 0x180e}, CodePointRange{0x200b, 0x200f},
    CodePointRange{0x2028, 0x202e},   CodePointRange{0x2060, 0x206f}, CodePointRange{0xfeff, 0xfeff},
    CodePointRange{0xfff9, 0xfffb},   CodePointRange{0xfffe, 0xffff}, CodePointRange{0xe0000, 0xe0fff},
    CodePointRange{0xf0000, 0x10ffff}};

bool prints(std::uint32_t code_point) {
  return std::none_of(kUnprintable.begin(), kUnprintable.end(), [code_point](const CodePointRange& range) {
    return code_point >= range.first && code_point <= range.last;
  });
}

}  // namespace

void FieldText::append(std::string_view text) {
  if (cut_ || text.size() > kMaxBytes - size_) {
    cut_ = cut_ || !text.empty();
    return;
  }
  std::copy(text.begin(), text.end(), bytes_.begin() + size_);
  size_ = static_cast<std::uint8_t>(size_ + text.size());
}

void FieldText::append_control(unsigned char character) {
  constexpr std::string_view kNamed = "abtnvfr";  // 7 to 13
  if (character >= 7 && character <= 13) {
    const char escape[2] = {'\\', kNamed[character - 7]};
    append({escape, sizeof(escape)});
    return;
  }
  const char escape[4] = {'\\', static_cast<char>('0' + (character >> 6)),
                          static_cast<char>('0' + (character >> 3 & 7)),
                          static_cast<char>('0' + (character & 7))};
  append({escape, sizeof(escape)});
}

std::size_t FieldText::append_multibyte(std::span<const std::byte> bytes, std::size_t at) {
  const auto lead = std::to_integer<std::uint8_t>(bytes[at]);
  const Utf8Form form = form_of(lead);
  if (form.bytes == 0) {
    append(kReplacement);
    return 1;
  }
  std::uint32_t code_point = lead & (0x7fU >> form.bytes);
  for (std::size_t i = 1; i < form.bytes; ++i) {
    const auto next = at + i < bytes.size() ? std::to_integer<std::uint8_t>(bytes[at + i]) : std::uint8_t{0};
    const bool fits =
        i == 1 ? next >= form.second_low && next <= form.second_high : next >= 0x80 && next <= 0xbf;
    if (!fits) {
      append(kReplacement);
      return i;
    }
    code_point = code_point << 6 | (next & 0x3f);
  }
  if (prints(code_point)) {
    char character[4];
    std::memcpy(character, bytes.data() + at, form.bytes);
    append({character, form.bytes});
  } else {
    char escape[11];
    const int size =
        std::snprintf(escape, sizeof(escape), code_point > 0xffff ? "\\U%08X" : "\\u%04X", code_point);
    append({escape, static_cast<std::size_t>(size)});
  }
  return form.bytes;
}

void FieldText::append_escaped(std::span<const std::byte> bytes) {
  for (std::size_t at = 0; at < bytes.size() && !cut_;) {
    const auto character = std::to_integer<unsigned char>(bytes[at]);
    if (character >= 0x20 && character < 0x7f) {
      const char printing = static_cast<char>(character);
      append({&printing, 1});
      ++at;
    } else if (character < 0x80) {
      append_control(character);
      ++at;
    } else {
      at += append_multibyte(bytes, at);
    }
  }
}

}  // namespace wireglass
