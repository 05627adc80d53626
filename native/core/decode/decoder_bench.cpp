#include <benchmark/benchmark.h>

#include "decode/decoder.hpp"
#include "decode/testing/packet_builder.hpp"

namespace wireglass {
namespace {

using testing::PacketBuilder;
using testing::view_of;

constexpr std::size_t kPayloadBytes = 512;
constexpr unsigned kAck = 0x10;

void decode_one(benchmark::State& state, const PacketBuilder& builder) {
  const Decoder decoder;
  PacketView packet = view_of(builder.bytes());
  DecodedPacket decoded;
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(packet);
    decoder.decode(packet, decoded);
    benchmark::DoNotOptimize(decoded);
  }
  if (decoded.status != DecodeStatus::kOk) state.SkipWithError("the packet was refused");
  state.SetItemsProcessed(state.iterations());
}

void decode_ethernet_ipv4_tcp(benchmark::State& state) {
  decode_one(state, PacketBuilder(kPayloadBytes).tcp(49152, 443, kAck).ipv4(6).ethernet(0x0800));
}
BENCHMARK(decode_ethernet_ipv4_tcp);

void decode_vlan_ipv6_udp(benchmark::State& state) {
  decode_one(state, PacketBuilder(kPayloadBytes).udp(49152, 443).ipv6(17).vlan(7, 0x86dd).ethernet(0x8100));
}
BENCHMARK(decode_vlan_ipv6_udp);

void decode_lisp_ipv4_in_ipv4(benchmark::State& state) {
  decode_one(state, PacketBuilder(kPayloadBytes)
                        .tcp(49152, 443, kAck)
                        .ipv4(6)
                        .front({0x88, 0x12, 0x34, 0x56, 0, 0, 42, 0})
                        .udp(61000, 4341)
                        .ipv4(17)
                        .ethernet(0x0800));
}
BENCHMARK(decode_lisp_ipv4_in_ipv4);

}  // namespace
}  // namespace wireglass
