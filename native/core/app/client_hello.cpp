#include "app/client_hello.hpp"

#include "app/byte_reader.hpp"

namespace wireglass {
namespace {

constexpr std::size_t kRandomBytes = 32;
constexpr std::size_t kMaxSessionIdBytes = 32;

enum ExtensionType : std::uint16_t {
  kServerName = 0,
  kSignatureAlgorithms = 13,
  kAlpn = 16,
  kSupportedVersions = 43,
};

std::span<const std::byte> first_host_name(std::span<const std::byte> data) {
  ByteReader list(ByteReader(data).vector16());
  while (list.remaining() > 0) {
    const std::uint8_t type = list.u8();
    const auto name = list.vector16();
    if (type == 0) return name;
  }
  return {};
}

void keep_extension(std::uint16_t type, std::span<const std::byte> data, ClientHello& hello) {
  switch (type) {
    case kServerName:
      if (!hello.has_server_name) hello.server_name = first_host_name(data);
      hello.has_server_name = true;
      break;
    case kAlpn:
      if (hello.alpn.empty()) hello.alpn = ByteReader(ByteReader(data).vector16()).vector8();
      break;
    case kSignatureAlgorithms:
      if (hello.signature_algorithms.empty()) hello.signature_algorithms = ByteReader(data).vector16();
      break;
    case kSupportedVersions:
      if (hello.supported_versions.empty()) hello.supported_versions = ByteReader(data).vector8();
      break;
    default:
      break;
  }
}

}  // namespace

ParseStatus parse_client_hello(std::span<const std::byte> body, TlsTransport transport, ClientHello& hello) {
  hello = ClientHello();
  ByteReader reader(body);
  hello.legacy_version = reader.u16();
  reader.bytes(kRandomBytes);
  const std::uint8_t session_id_bytes = reader.u8();
  if (session_id_bytes > kMaxSessionIdBytes) return ParseStatus::kNotThis;
  reader.bytes(session_id_bytes);
  if (transport == TlsTransport::kDtls) reader.vector8();  // cookie, RFC 6347 section 4.2.1
  const auto cipher_suites = reader.vector16();
  if (cipher_suites.size() % 2 != 0) return ParseStatus::kNotThis;
  hello.cipher_suites = cipher_suites;
  reader.vector8();  // compression methods
  if (reader.passed_end()) return ParseStatus::kNeedMore;
  if (reader.remaining() == 0) return ParseStatus::kFound;  // before RFC 3546 there were no extensions

  const std::uint16_t extensions_bytes = reader.u16();
  const bool whole = !reader.passed_end() && extensions_bytes <= reader.remaining();
  hello.extensions = whole ? reader.bytes(extensions_bytes) : reader.rest();
  ByteReader extensions(hello.extensions);
  while (extensions.remaining() > 0) {
    const std::uint16_t type = extensions.u16();
    const auto data = extensions.vector16();
    if (extensions.passed_end()) return whole ? ParseStatus::kNotThis : ParseStatus::kNeedMore;
    keep_extension(type, data, hello);
  }
  return whole ? ParseStatus::kFound : ParseStatus::kNeedMore;
}

}  // namespace wireglass
