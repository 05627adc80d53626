#include "app/field_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace wireglass {
namespace {

std::string escaped(std::string_view bytes) {
  FieldText text;
  text.append_escaped(std::as_bytes(std::span(bytes)));
  return std::string(text.view());
}

struct Case {
  std::string_view bytes;
  std::string_view text;
};

TEST(FieldText, EscapesWhatDoesNotPrint) {
  using namespace std::string_view_literals;
  constexpr Case kCases[] = {
      {"www.example.com", "www.example.com"},
      {"a\\b\"c d%<>'`", "a\\b\"c d%<>'`"},
      {"\0\001\006"sv, "\\000\\001\\006"},
      {"\a\b\t\n\v\f\r", "\\a\\b\\t\\n\\v\\f\\r"},
      {"\016\033\037\177", "\\016\\033\\037\\177"},
      {"m\xc3\xbcnchen \xf0\x9f\x98\x80", "m\xc3\xbcnchen \xf0\x9f\x98\x80"},
      {"\xc2\x85", "\\u0085"},
      {"\xe2\x80\x8b\xe2\x80\xae.", "\\u200B\\u202E."},
      {"\xf3\xa0\x80\x81", "\\U000E0001"},
  };
  for (const Case& c : kCases) EXPECT_EQ(escaped(c.bytes), c.text);
}

TEST(FieldText, ReplacesEachRunThatIsNoUtf8ByOneCharacter) {
  constexpr Case kCases[] = {
      {"\xff\xfe"
       "abc",
       "\uFFFD\uFFFDabc"},
      {"\xe2\x82", "\uFFFD"},
      {"\xe2\x82x", "\uFFFDx"},
      {"\xf0\x9f\x98", "\uFFFD"},
      {"\xc0\x80", "\uFFFD\uFFFD"},            // overlong
      {"\xe0\x80\x80", "\uFFFD\uFFFD\uFFFD"},  // overlong
      {"\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD"},  // a surrogate
      {"\xf4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},
      {"\xc3", "\uFFFD"},
      {"\x80", "\uFFFD"},
  };
  for (const Case& c : kCases) EXPECT_EQ(escaped(c.bytes), c.text);
}

TEST(FieldText, EndsBeforeWhatDoesNotFitWhole) {
  for (std::size_t filled = FieldText::kMaxBytes - 4; filled <= FieldText::kMaxBytes; ++filled) {
    FieldText text;
    const std::string bytes = std::string(filled, 'x') + "\001after";
    text.append_escaped(std::as_bytes(std::span(bytes)));
    const bool fits = filled + 4 <= FieldText::kMaxBytes;
    EXPECT_EQ(text.view(), std::string(filled, 'x') + (fits ? "\\001" : ""));
    EXPECT_TRUE(text.cut());
  }
  FieldText exact;
  const std::string longest(FieldText::kMaxBytes, 'x');
  exact.append_escaped(std::as_bytes(std::span(longest)));
  EXPECT_EQ(exact.view().size(), FieldText::kMaxBytes);
  EXPECT_FALSE(exact.cut());
}

}  // namespace
}  // namespace wireglass
