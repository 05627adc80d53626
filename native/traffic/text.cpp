#include "traffic/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "traffic/random.hpp"
#include "traffic/wire.hpp"

namespace wireglass {
namespace {

constexpr std::array<std::string_view, 32> kWords = {
    "the",     "model",   "answers", "with",  "a",     "short",  "summary", "of",
    "network", "traffic", "which",   "hosts", "talk",  "most",   "and",     "why",
    "latency", "rises",   "during",  "peak",  "hours", "please", "list",    "three",
    "causes",  "then",    "propose", "a fix", "for",   "each",   "report",  "ends"};

constexpr std::string_view kBase64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

TextWriter& TextWriter::text(std::string_view text) {
  return bytes(std::as_bytes(std::span<const char>(text.data(), text.size())));
}

TextWriter& TextWriter::bytes(std::span<const std::byte> bytes) {
  const std::size_t fitting = std::min(bytes.size(), buffer_.size() - size_);
  if (fitting > 0) std::memcpy(buffer_.data() + size_, bytes.data(), fitting);
  size_ += fitting;
  return *this;
}

TextWriter& TextWriter::number(std::uint64_t value) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.begin(), digits.end(), value).ptr;
  return text({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

TextWriter& TextWriter::hex(std::uint64_t value, int digits) {
  std::array<char, 16> buffer;
  const auto end = std::to_chars(buffer.begin(), buffer.end(), value, 16).ptr;
  const auto length = static_cast<int>(end - buffer.data());
  for (int missing = digits - length; missing > 0; --missing) text("0");
  return text({buffer.data(), static_cast<std::size_t>(length)});
}

TextWriter& TextWriter::u8(std::uint8_t value) {
  const auto byte = static_cast<std::byte>(value);
  return bytes({&byte, 1});
}

TextWriter& TextWriter::u16(std::uint16_t value) {
  std::array<std::byte, 2> word;
  put16(word.data(), value);
  return bytes(word);
}

TextWriter& TextWriter::u32(std::uint32_t value) {
  std::array<std::byte, 4> word;
  put32(word.data(), value);
  return bytes(word);
}

TextWriter& TextWriter::u64(std::uint64_t value) {
  std::array<std::byte, 8> word;
  put64(word.data(), value);
  return bytes(word);
}

std::string_view TextWriter::view() const { return {reinterpret_cast<const char*>(buffer_.data()), size_}; }

TextPools::TextPools(std::uint64_t seed) {
  Random draws(seed);
  words_.reserve(kPoolBytes + 16);
  while (words_.size() < kPoolBytes) (words_ += kWords[draws.below(kWords.size())]) += ' ';
  while (base64_.size() < kPoolBytes) base64_ += kBase64Digits[draws.below(kBase64Digits.size())];
  while (random_.size() < kPoolBytes) random_ += static_cast<char>(draws.below(256));
  while (floats_.size() < kPoolBytes) {
    const bool negative = draws.below(2) == 1;
    std::string digits = std::to_string(draws.below(negative ? 10'000 : 100'000));
    digits.insert(0, (negative ? 4 : 5) - digits.size(), '0');
    ((floats_ += negative ? "-0." : "0.") += digits) += ',';
  }
}

std::string_view TextPools::slice(const std::string& pool, std::uint64_t draw, std::uint32_t bytes,
                                  std::uint32_t alignment) {
  const std::uint64_t places = (kPoolBytes - std::min(bytes, kMaxSliceBytes)) / alignment;
  return std::string_view(pool).substr(draw % places * alignment, std::min(bytes, kMaxSliceBytes));
}

std::string_view TextPools::floats(std::uint64_t draw, std::uint32_t count) const {
  return slice(floats_, draw, count * kFloatBytes - 1, kFloatBytes);
}

}  // namespace wireglass
