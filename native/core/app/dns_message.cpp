#include "app/dns_message.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "app/byte_reader.hpp"

namespace wireglass {
namespace {

constexpr std::size_t kHeaderBytes = 12;
constexpr std::size_t kMaxTextBytes =
    253;  // 255 octets (RFC 1035 section 2.3.4) with the root's and a length octet
constexpr std::uint8_t kMaxOpcode = 6;  // IANA: DSO, RFC 8490

constexpr std::uint8_t kLabelTypeMask = 0xc0;
constexpr std::uint8_t kPointer = 0xc0;

/// A name in the making: labels with dots between them.
class NameBuilder {
 public:
  bool add(std::span<const std::byte> label) {
    const std::size_t dot = size_ > 0 ? 1 : 0;
    if (size_ + dot + label.size() > kMaxTextBytes) return false;
    if (dot > 0) bytes_[size_++] = std::byte{'.'};
    std::copy(label.begin(), label.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += label.size();
    return true;
  }
  std::span<const std::byte> bytes() const { return {bytes_.data(), size_}; }

 private:
  std::array<std::byte, kMaxTextBytes> bytes_;
  std::size_t size_ = 0;
};

/// Reads the name at `at` and moves `at` behind it. Each pointer must lead to before the run of labels that
/// it ends (a "prior occurrence", RFC 1035 section 4.1.4), so that the walk is finite.
ParseStatus read_name(std::span<const std::byte> message, std::size_t& at, NameBuilder& name) {
  std::size_t run = at;
  bool jumped = false;
  for (std::size_t next = at;;) {
    if (next >= message.size()) return ParseStatus::kNeedMore;
    const auto length = std::to_integer<std::uint8_t>(message[next]);
    if ((length & kLabelTypeMask) == kPointer) {
      if (next + 2 > message.size()) return ParseStatus::kNeedMore;
      const std::size_t target =
          (length & ~kLabelTypeMask) << 8 | std::to_integer<std::size_t>(message[next + 1]);
      if (target < kHeaderBytes || target >= run) return ParseStatus::kNotThis;
      if (!jumped) at = next + 2;
      jumped = true;
      run = target;
      next = target;
      continue;
    }
    if ((length & kLabelTypeMask) != 0) return ParseStatus::kNotThis;
    if (length == 0) {
      if (!jumped) at = next + 1;
      return ParseStatus::kFound;
    }
    if (next + 1 + length > message.size()) return ParseStatus::kNeedMore;
    if (!name.add(message.subspan(next + 1, length))) return ParseStatus::kNotThis;
    next += 1U + length;
  }
}

}  // namespace

ParseStatus read_dns_question(std::span<const std::byte> message, FieldText& name) {
  name.clear();
  ByteReader header(message);
  header.u16();  // id
  const std::uint16_t flags = header.u16();
  const std::uint16_t questions = header.u16();
  if (header.passed_end()) return ParseStatus::kNeedMore;
  if ((flags >> 11 & 0xf) > kMaxOpcode || questions == 0) return ParseStatus::kNotThis;

  std::size_t at = kHeaderBytes;
  NameBuilder built;
  const ParseStatus status = read_name(message, at, built);
  if (status != ParseStatus::kFound) return status;
  constexpr std::size_t kTypeAndClassBytes = 4;
  if (at + kTypeAndClassBytes > message.size()) return ParseStatus::kNeedMore;
  if (built.bytes().empty()) {
    name.append("<Root>");
  } else {
    name.append_escaped(built.bytes());
  }
  return ParseStatus::kFound;
}

ParseStatus read_dns_question_over_tcp(std::span<const std::byte> stream, FieldText& name) {
  name.clear();
  ByteReader reader(stream);
  const std::uint16_t length = reader.u16();
  if (reader.passed_end()) return ParseStatus::kNeedMore;
  if (length < kHeaderBytes) return ParseStatus::kNotThis;
  const bool whole = reader.remaining() >= length;
  const ParseStatus status =
      read_dns_question(reader.bytes(std::min<std::size_t>(length, reader.remaining())), name);
  return whole && status == ParseStatus::kNeedMore ? ParseStatus::kNotThis : status;
}

}  // namespace wireglass
