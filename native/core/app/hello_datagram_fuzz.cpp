#include <algorithm>
#include <array>
#include <cstdlib>
#include <span>
#include <vector>

#include "app/client_hello.hpp"
#include "app/dtls_hello.hpp"
#include "app/quic_initial.hpp"
#include "app/testing/quic_packets.hpp"
#include "app/tls_stream.hpp"

namespace {

using namespace wireglass;

constexpr std::uint32_t kVersions[] = {1, 0x6b33'43cf, 0xff00'001d, 0xff00'0022};

void check(ParseStatus status, const Assembly& assembly, std::span<const std::byte> buffer) {
  if (assembly.contiguous() > buffer.size() || assembly.extent() > buffer.size()) std::abort();
  if (status != ParseStatus::kFound && assembly.extent() > 0) std::abort();
  ClientHello hello;
  read_client_hello_message(buffer.first(assembly.contiguous()), TlsTransport::kQuic, buffer.size(), hello);
}

}  // namespace

// The first byte chooses: the rest is a DTLS datagram, a QUIC datagram, or the frames of a QUIC packet, which
// are encrypted here because no mutation would get through the protection.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto bytes = std::as_bytes(std::span(data, size).subspan(1));
  static std::vector<std::byte> buffer(16'384);
  Assembly assembly;
  QuicConnection connection;
  if (data[0] == 0) {
    check(read_dtls_hello(bytes, assembly, buffer), assembly, buffer);
  } else if (data[0] == 1) {
    check(read_quic_initials(bytes, connection, assembly, buffer), assembly, buffer);
  } else {
    const auto frames =
        testing::Bytes(testing::text_of(bytes.first(std::min<std::size_t>(bytes.size(), 8'000))));
    const auto packet =
        testing::quic_initial(testing::quic_connection(kVersions[data[0] % 4]), frames, data[0]);
    check(read_quic_initials(packet.span(), connection, assembly, buffer), assembly, buffer);
  }
  return 0;
}
