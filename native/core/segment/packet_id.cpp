#include "segment/packet_id.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <memory>

namespace wireglass {
namespace {

constexpr std::string_view kPrefix = "1-";
constexpr std::size_t kSensorDigits = 8;
static_assert(PacketId::kVersion == 1);

/// Takes a number in its one canonical spelling off the front of `text`.
template <class Number>
bool take_number(std::string_view& text, Number& value) {
  const char* begin = std::to_address(text.begin());
  const auto [stop, failure] = std::from_chars(begin, std::to_address(text.end()), value);
  if (failure != std::errc{}) return false;
  const auto length = static_cast<std::size_t>(stop - begin);
  if (text.front() == '0' && length > 1) return false;
  text.remove_prefix(length);
  return true;
}

}  // namespace

std::string PacketId::to_string() const {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%u-%08x-%llu-%u", kVersion, sensor,
                static_cast<unsigned long long>(segment), ordinal);
  return text.data();
}

std::optional<PacketId> PacketId::parse(std::string_view text) {
  if (text.substr(0, kPrefix.size()) != kPrefix) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  PacketId id;
  if (text.size() <= kSensorDigits || text[kSensorDigits] != '-') return std::nullopt;
  const std::string_view sensor = text.substr(0, kSensorDigits);
  if (sensor.find_first_not_of("0123456789abcdef") != std::string_view::npos) return std::nullopt;
  std::from_chars(sensor.data(), sensor.data() + sensor.size(), id.sensor, 16);
  text.remove_prefix(kSensorDigits + 1);
  if (!take_number(text, id.segment) || id.segment == 0) return std::nullopt;
  if (text.empty() || text.front() != '-') return std::nullopt;
  text.remove_prefix(1);
  if (!take_number(text, id.ordinal) || !text.empty()) return std::nullopt;
  return id;
}

}  // namespace wireglass
