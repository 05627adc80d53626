#include <array>
#include <cstdlib>
#include <span>
#include <vector>

#include "app/client_hello.hpp"
#include "app/ja4.hpp"
#include "app/tls_stream.hpp"

namespace {

using namespace wireglass;

void check_views(const ClientHello& hello, std::span<const std::byte> within) {
  for (const auto part : {hello.cipher_suites, hello.extensions, hello.server_name, hello.alpn,
                          hello.signature_algorithms, hello.supported_versions}) {
    if (part.empty()) continue;
    if (part.data() < within.data() || part.data() + part.size() > within.data() + within.size())
      std::abort();
  }
}

void check_fingerprint(const ClientHello& hello, TlsTransport transport) {
  const Ja4 fingerprint(hello, transport);
  const std::string_view text = fingerprint.view();
  if (!text.empty() && (text.size() != Ja4::kBytes || text[10] != '_' || text[23] != '_')) std::abort();
}

}  // namespace

// The first byte chooses between a message's body and a stream of records.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto bytes = std::as_bytes(std::span(data, size).subspan(1));
  ClientHello hello;
  if (data[0] < 3) {
    const auto transport = static_cast<TlsTransport>(data[0]);
    const ParseStatus status = parse_client_hello(bytes, transport, hello);
    check_views(hello, bytes);
    if (status == ParseStatus::kFound) check_fingerprint(hello, transport);
    return 0;
  }
  std::vector<std::byte> scratch(16'384);
  const ParseStatus status = read_client_hello_record(bytes, scratch, hello);
  if (status == ParseStatus::kFound) check_fingerprint(hello, TlsTransport::kTcp);
  const ParseStatus half = read_client_hello_record(bytes.first(bytes.size() / 2), scratch, hello);
  if (half == ParseStatus::kFound && status != half) std::abort();
  return 0;
}
