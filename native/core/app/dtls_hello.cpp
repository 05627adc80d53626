#include "app/dtls_hello.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "app/byte_reader.hpp"

namespace wireglass {
namespace {

constexpr std::uint8_t kHandshake = 22;
constexpr std::uint8_t kClientHelloType = 1;

/// The payload of the record at the reader, as far as it is there; false when it is no unencrypted handshake
/// record.
bool next_record(ByteReader& datagram, ByteReader& fragments) {
  const std::uint8_t type = datagram.u8();
  const std::uint16_t version = datagram.u16();
  const std::uint16_t epoch = datagram.u16();
  datagram.bytes(6);  // sequence number
  const std::uint16_t length = datagram.u16();
  if (datagram.passed_end() || type != kHandshake || epoch != 0) return false;
  if (version != 0xfeff && version != 0xfefd) return false;
  fragments = ByteReader(datagram.bytes(std::min<std::size_t>(length, datagram.remaining())));
  return true;
}

/// A handshake fragment: false at the record's end.
bool keep_fragment(ByteReader& fragments, Assembly& assembly, std::span<std::byte> buffer, bool& is_hello) {
  const std::uint8_t type = fragments.u8();
  const std::uint32_t message_bytes = fragments.u24();
  fragments.u16();  // message sequence
  const std::uint32_t offset = fragments.u24();
  const std::uint32_t size = fragments.u24();
  if (fragments.passed_end() || offset > message_bytes || size > message_bytes - offset) return false;
  const auto data = fragments.bytes(std::min<std::size_t>(size, fragments.remaining()));
  is_hello = type == kClientHelloType;
  if (!is_hello) return true;
  const std::array<std::byte, 4> header = {
      std::byte{kClientHelloType}, static_cast<std::byte>(message_bytes >> 16),
      static_cast<std::byte>(message_bytes >> 8), static_cast<std::byte>(message_bytes)};
  assembly.add(buffer, 0, header);
  assembly.add(buffer, static_cast<std::int64_t>(header.size() + offset), data);
  return true;
}

}  // namespace

bool may_be_dtls_hello(std::span<const std::byte> datagram) {
  ByteReader reader(datagram);
  ByteReader fragments;
  return next_record(reader, fragments) && fragments.remaining() > 0 && fragments.u8() == kClientHelloType;
}

ParseStatus read_dtls_hello(std::span<const std::byte> datagram, Assembly& assembly,
                            std::span<std::byte> buffer) {
  ParseStatus status = ParseStatus::kNotThis;
  ByteReader records(datagram);
  ByteReader fragments;
  while (records.remaining() > 0 && next_record(records, fragments)) {
    bool is_hello = false;
    while (fragments.remaining() > 0 && keep_fragment(fragments, assembly, buffer, is_hello)) {
      if (is_hello) status = ParseStatus::kFound;
    }
  }
  return status;
}

}  // namespace wireglass
