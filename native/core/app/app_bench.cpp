// What reading a message costs, and what the state of flows adds. The hashes of JA4 and of QUIC's keys are
// measured apart, as they are most of it.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "app/flow_applications.hpp"
#include "app/ja4.hpp"
#include "app/testing/quic_packets.hpp"
#include "base/sha256.hpp"

namespace wireglass {
namespace {

using testing::Bytes;

constexpr FlowTransport kTcpFlow{6, 50'000, 443};
constexpr FlowTransport kUdpFlow{17, 50'000, 443};
constexpr FlowTransport kDnsFlow{17, 50'000, 53};

/// As long as a browser's: 16 cipher suites, 18 extensions, a key share of 1 200 bytes.
testing::HelloParts browser_hello() {
  testing::HelloParts parts = testing::usual_hello();
  for (unsigned i = 0; i < 13; ++i) parts.cipher_suites.u16(0xc030 - i);
  for (unsigned i = 0; i < 13; ++i) parts.extensions.emplace_back(0x4469 - 7 * i, Bytes(std::string(8, 'e')));
  parts.extensions.emplace_back(51, Bytes(std::string(1'200, 'k')));
  return parts;
}

/// A flow from its first packet to its end.
void read_flow(benchmark::State& state, const FlowTransport& transport, const std::vector<Bytes>& payloads) {
  FlowApplications applications(ApplicationLimits::for_flows(1'000));
  std::size_t strings = 0;
  for ([[maybe_unused]] auto _ : state) {
    FlowApplications::Reference reference = 0;
    ApplicationPacket packet;
    packet.tcp_sequence = 1;
    for (const Bytes& payload : payloads) {
      packet.payload = payload.span();
      packet.wire_payload_bytes = static_cast<std::uint32_t>(payload.size());
      if (FlowApplications::wants(reference, true))
        reference = applications.observe(reference, transport, packet);
      packet.tcp_sequence += packet.wire_payload_bytes;
    }
    for (const std::string_view string : applications.fields(reference).strings)
      strings += string.empty() ? 0 : 1;
    applications.release(reference);
  }
  if (strings == 0) state.SkipWithError("nothing was found");
  state.SetItemsProcessed(state.iterations());
}

void dns_flow(benchmark::State& state) {
  read_flow(state, kDnsFlow, {testing::dns_message(testing::dns_name({"www", "example", "com"}))});
}
BENCHMARK(dns_flow);

void http_request_flow(benchmark::State& state) {
  read_flow(
      state, kTcpFlow,
      {Bytes("GET /index.html HTTP/1.1\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: */*\r\n"
             "Accept-Language: en\r\nHost: www.example.com\r\nConnection: keep-alive\r\n\r\n")});
}
BENCHMARK(http_request_flow);

void client_hello_flow(benchmark::State& state) {
  read_flow(state, kTcpFlow, {testing::tls_records(testing::client_hello(browser_hello()))});
}
BENCHMARK(client_hello_flow);

void client_hello_in_two_segments_flow(benchmark::State& state) {
  const Bytes stream = testing::tls_records(testing::client_hello(browser_hello()));
  read_flow(
      state, kTcpFlow,
      {Bytes(testing::text_of(stream.first(1'000))), Bytes(testing::text_of(stream.span().subspan(1'000)))});
}
BENCHMARK(client_hello_in_two_segments_flow);

void quic_flow(benchmark::State& state) {
  const Bytes hello = testing::hello_message(testing::usual_hello());
  Bytes frames = testing::crypto_frame(hello.span(), 0, hello.size());
  frames.add(std::string(1'150 - frames.size(), '\0'));
  read_flow(state, kUdpFlow, {testing::quic_initial(testing::quic_connection(1), frames)});
}
BENCHMARK(quic_flow);

/// Eight packets that are no message: what any other flow pays in a direction.
void unknown_flow(benchmark::State& state) {
  const std::vector<std::byte> payload(1'000, std::byte{0x7f});
  FlowApplications applications(ApplicationLimits::for_flows(1'000));
  ApplicationPacket packet;
  packet.payload = payload;
  packet.wire_payload_bytes = static_cast<std::uint32_t>(payload.size());
  for ([[maybe_unused]] auto _ : state) {
    FlowApplications::Reference reference = 0;
    while (FlowApplications::wants(reference, true)) {
      reference = applications.observe(reference, kTcpFlow, packet);
    }
    benchmark::DoNotOptimize(reference);
    applications.release(reference);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(unknown_flow);

void ja4(benchmark::State& state) {
  const Bytes body = testing::client_hello(browser_hello());
  ClientHello hello;
  parse_client_hello(body.span(), TlsTransport::kTcp, hello);
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(hello);
    benchmark::DoNotOptimize(Ja4(hello, TlsTransport::kTcp));
  }
}
BENCHMARK(ja4);

void quic_keys(benchmark::State& state) {
  const QuicConnection connection = testing::quic_connection(1);
  for ([[maybe_unused]] auto _ : state) {
    auto keys = QuicKeys::derive(connection);
    benchmark::DoNotOptimize(keys);
  }
}
BENCHMARK(quic_keys);

void sha256_of_100_bytes(benchmark::State& state) {
  const std::vector<std::byte> text(100, std::byte{'x'});
  for ([[maybe_unused]] auto _ : state) {
    auto digest = sha256(text);
    benchmark::DoNotOptimize(digest);
  }
}
BENCHMARK(sha256_of_100_bytes);

}  // namespace
}  // namespace wireglass
