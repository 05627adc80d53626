#include "app/tls_stream.hpp"

#include <algorithm>
#include <cstdint>

#include "app/byte_reader.hpp"

namespace wireglass {
namespace {

constexpr std::uint8_t kHandshake = 22;
constexpr std::uint8_t kMajorVersion = 3;  // SSL 3.0 to TLS 1.3 alike
constexpr std::uint16_t kMaxRecordBytes = 16'384;
constexpr std::uint8_t kClientHelloType = 1;
constexpr std::size_t kHandshakeHeaderBytes = 4;

/// The payload of the record at the reader, as far as it is there.
ParseStatus next_fragment(ByteReader& stream, std::span<const std::byte>& fragment) {
  fragment = {};
  if (stream.remaining() > 0 && stream.u8() != kHandshake) return ParseStatus::kNotThis;
  if (stream.remaining() > 0 && stream.u8() != kMajorVersion) return ParseStatus::kNotThis;
  stream.u8();  // minor version
  const std::uint16_t length = stream.u16();
  if (stream.passed_end()) return ParseStatus::kNeedMore;
  if (length == 0 || length > kMaxRecordBytes) return ParseStatus::kNotThis;
  fragment = stream.bytes(std::min<std::size_t>(length, stream.remaining()));
  return fragment.size() == length ? ParseStatus::kFound : ParseStatus::kNeedMore;
}

/// Bytes of the handshake message that `bytes` begin, its header included; 0 as long as that is unknown.
std::size_t message_bytes(std::span<const std::byte> bytes) {
  ByteReader header(bytes);
  header.u8();
  const std::uint32_t body_bytes = header.u24();
  return header.passed_end() ? 0 : kHandshakeHeaderBytes + body_bytes;
}

}  // namespace

ParseStatus read_client_hello_message(std::span<const std::byte> bytes, TlsTransport transport,
                                      std::size_t max_message_bytes, ClientHello& hello) {
  hello = ClientHello();
  ByteReader reader(bytes);
  if (reader.remaining() > 0 && reader.u8() != kClientHelloType) return ParseStatus::kNotThis;
  const std::uint32_t body_bytes = reader.u24();
  if (reader.passed_end()) return ParseStatus::kNeedMore;
  if (body_bytes > max_message_bytes - kHandshakeHeaderBytes) return ParseStatus::kNotThis;
  const bool whole = reader.remaining() >= body_bytes;
  const auto body = reader.bytes(std::min<std::size_t>(body_bytes, reader.remaining()));
  const ParseStatus status = parse_client_hello(body, transport, hello);
  if (whole) return status == ParseStatus::kFound ? status : ParseStatus::kNotThis;
  return status == ParseStatus::kNotThis ? status : ParseStatus::kNeedMore;
}

ParseStatus read_client_hello_record(std::span<const std::byte> stream, std::span<std::byte> scratch,
                                     ClientHello& hello) {
  hello = ClientHello();
  ByteReader records(stream);
  std::span<const std::byte> fragment;
  ParseStatus record = next_fragment(records, fragment);
  if (record == ParseStatus::kNotThis) return record;
  const ParseStatus status = read_client_hello_message(fragment, TlsTransport::kTcp, scratch.size(), hello);
  if (status != ParseStatus::kNeedMore || record == ParseStatus::kNeedMore) return status;

  std::size_t gathered = 0;
  for (std::size_t wanted = 0; wanted == 0 || gathered < wanted;) {
    const std::size_t size = std::min(fragment.size(), scratch.size() - gathered);
    std::copy_n(fragment.begin(), size, scratch.begin() + static_cast<std::ptrdiff_t>(gathered));
    gathered += size;
    wanted = message_bytes(scratch.first(gathered));
    if (record != ParseStatus::kFound) break;
    if (gathered < wanted || wanted == 0) record = next_fragment(records, fragment);
    if (record == ParseStatus::kNotThis) return record;
  }
  return read_client_hello_message(scratch.first(gathered), TlsTransport::kTcp, scratch.size(), hello);
}

}  // namespace wireglass
