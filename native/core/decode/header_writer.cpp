#include "decode/header_writer.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <utility>

#include "packet/ip_address.hpp"

namespace wireglass {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

void append_hex(std::string& text, std::span<const std::byte> bytes, std::string_view separator) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto value = std::to_integer<unsigned>(bytes[i]);
    if (i != 0) text += separator;
    text += kDigits[value >> 4];
    text += kDigits[value & 15];
  }
}

}  // namespace

HeaderWriter::HeaderWriter(Dissector& dissector, std::string_view protocol, std::uint32_t offset)
    : dissector_(dissector), index_(dissector.headers().size()), offset_(offset) {
  dissector_.headers().push_back({std::string(protocol), offset, 0, {}});
}

bool HeaderWriter::read(std::uint32_t at, std::uint32_t size, std::uint64_t& value) const {
  return dissector_.bytes().read_at(offset_ + at, size, value);
}

std::uint32_t HeaderWriter::available() const {
  const std::uint32_t end = dissector_.bytes().end();
  return end > offset_ ? end - offset_ : 0;
}

void HeaderWriter::extend(std::uint32_t length) {
  DissectedHeader& header = dissector_.headers()[index_];
  header.length = std::max(header.length, std::min(length, available()));
}

void HeaderWriter::text(std::string_view name, std::uint32_t at, std::uint32_t size, std::string value) {
  dissector_.headers()[index_].fields.push_back({std::string(name), std::move(value), offset_ + at, size});
  extend(at + size);
}

void HeaderWriter::number(std::string_view name, std::uint32_t at, std::uint32_t size) {
  std::uint64_t value = 0;
  if (read(at, size, value)) text(name, at, size, std::to_string(value));
}

void HeaderWriter::number_le(std::string_view name, std::uint32_t at, std::uint32_t size) {
  std::uint64_t value = 0;
  if (read(at, size, value))
    text(name, at, size, std::to_string(__builtin_bswap64(value) >> (64 - 8 * size)));
}

void HeaderWriter::bits(std::string_view name, std::uint32_t at, std::uint32_t size, std::uint32_t shift,
                        std::uint32_t width) {
  std::uint64_t value = 0;
  if (read(at, size, value)) {
    text(name, at, size, std::to_string(value >> shift & ((std::uint64_t{1} << width) - 1)));
  }
}

void HeaderWriter::hex(std::string_view name, std::uint32_t at, std::uint32_t size) {
  const auto bytes = dissector_.bytes().bytes_at(offset_ + at, size);
  if (bytes.empty()) return;
  std::string value = "0x";
  append_hex(value, bytes, "");
  text(name, at, size, std::move(value));
}

void HeaderWriter::blob(std::string_view name, std::uint32_t at, std::uint32_t size) {
  const auto bytes = dissector_.bytes().bytes_at(offset_ + at, size);
  if (bytes.empty()) return;
  std::string value;
  append_hex(value, bytes, "");
  text(name, at, size, std::move(value));
}

void HeaderWriter::mac(std::string_view name, std::uint32_t at) {
  const auto bytes = dissector_.bytes().bytes_at(offset_ + at, 6);
  if (bytes.empty()) return;
  std::string value;
  append_hex(value, bytes, ":");
  text(name, at, 6, std::move(value));
}

void HeaderWriter::ipv4(std::string_view name, std::uint32_t at, std::string_view suffix) {
  const auto bytes = dissector_.bytes().bytes_at(offset_ + at, 4);
  if (!bytes.empty()) text(name, at, 4, IpAddress::from_ipv4(bytes.data()).to_string().append(suffix));
}

void HeaderWriter::ipv6(std::string_view name, std::uint32_t at, std::string_view suffix) {
  const auto bytes = dissector_.bytes().bytes_at(offset_ + at, 16);
  if (bytes.empty()) return;
  // Not by IpAddress, which holds IPv4 mapped and would write such an IPv6 address as an IPv4 one.
  std::array<char, INET6_ADDRSTRLEN> value{};
  inet_ntop(AF_INET6, bytes.data(), value.data(), value.size());
  text(name, at, 16, std::string(value.data()).append(suffix));
}

}  // namespace wireglass
