// Cost of interval samples per packet: a flow table of plain entries is walked with and without them, over
// few flows (every packet is quick), over many (each interval's first packet of a flow opens a slot, which
// step() takes over) and over flows of two packets. The difference to Plain is what they cost.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "meter/interval_meter.hpp"

namespace wireglass {
namespace {

constexpr std::size_t kBlockPackets = 256;
constexpr std::uint32_t kStepSlots = 512;
constexpr TimeNs kStart = 1'700'000'000 * kSecondNs;

struct alignas(128) Entry {
  FlowKey key;
  std::array<std::uint64_t, 2> bytes{};
  std::array<std::uint32_t, 2> packets{};
  std::uint32_t slot = 0;
};

class Flows final : public IntervalFlows {
 public:
  explicit Flows(std::uint32_t flows) : entries_(flows) {
    for (std::uint32_t flow = 0; flow < flows; ++flow) {
      FlowKey& key = entries_[flow].key;
      key.addr_a = {0, IpAddress::kMappedPrefix | (0x0a00'0000 + (flow >> 2))};
      key.addr_b = {0, IpAddress::kMappedPrefix | (0xc0a8'0000 + flow % 5'000)};
      key.port_a = static_cast<std::uint16_t>(flow);
      key.port_b = 443;
      key.protocol = 6;
    }
  }
  void prefetch(std::uint32_t number) const override {
    __builtin_prefetch(&entries_[number]);
    __builtin_prefetch(reinterpret_cast<const char*>(&entries_[number]) + 64);
  }
  IntervalFlow flow(std::uint32_t number) const override {
    const Entry& entry = entries_[number];
    return {&entry.key, 0, false, entry.bytes, entry.packets};
  }
  std::uint32_t& interval_slot(std::uint32_t number) override { return entries_[number].slot; }

  Entry& entry(std::uint32_t number) { return entries_[number]; }

 private:
  std::vector<Entry> entries_;
};

/// Packets of flow after flow, `kPacketsInARow` of each; all flows once in so many packets.
template <bool kIntervals>
void run(benchmark::State& state, std::uint32_t flows_count, std::uint32_t packets_in_a_row,
         std::uint32_t packets_per_second) {
  Flows flows(flows_count);
  std::uint64_t samples = 0;
  IntervalMeter intervals({}, KeyedHash(1), flows, [&](const IntervalSample&) { ++samples; });
  const TimeNs gap_ns = kSecondNs / packets_per_second;
  TimeNs now = kStart;
  std::uint64_t serial = 0;
  std::array<PacketDigest, kBlockPackets> digests{};
  for (std::size_t packet = 0; packet < kBlockPackets; ++packet) {
    digests[packet].ip_bytes = static_cast<std::uint32_t>(40 + packet * 6);
    digests[packet].tcp_flags = 0x10;
  }
  for ([[maybe_unused]] auto _ : state) {
    for (PacketDigest& digest : digests) digest.timestamp_ns = now += gap_ns;
    benchmark::ClobberMemory();
    for (std::size_t packet = 0; packet < kBlockPackets; ++packet, ++serial) {
      const auto ahead = static_cast<std::uint32_t>((serial + 16) / packets_in_a_row % flows_count);
      flows.prefetch(ahead);
      const auto number = static_cast<std::uint32_t>(serial / packets_in_a_row % flows_count);
      Entry& entry = flows.entry(number);
      const PacketDigest& digest = digests[packet];
      const bool forward = (serial & 1) == 0;
      if constexpr (kIntervals) {
        if (!intervals.count_packet(entry.slot, digest)) {
          intervals.count_packet_in(number, entry.slot, flows.flow(number), digest, forward);
        }
      }
      entry.packets[forward ? 0 : 1] += 1;
      entry.bytes[forward ? 0 : 1] += digest.ip_bytes;
    }
    if constexpr (kIntervals) intervals.step(kStepSlots, now);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBlockPackets));
  state.counters["samples"] = static_cast<double>(samples);
  if constexpr (kIntervals) {
    for (std::uint32_t number = 0; number < flows_count; ++number) {
      intervals.take_over(flows.entry(number).slot, flows.flow(number));
    }
  }
}

void Plain(benchmark::State& state, std::uint32_t flows, std::uint32_t row, std::uint32_t rate) {
  run<false>(state, flows, row, rate);
}
void Intervals(benchmark::State& state, std::uint32_t flows, std::uint32_t row, std::uint32_t rate) {
  run<true>(state, flows, row, rate);
}

BENCHMARK_CAPTURE(Plain, few_flows, 64, 1, 10'000'000);
BENCHMARK_CAPTURE(Intervals, few_flows, 64, 1, 10'000'000);
BENCHMARK_CAPTURE(Plain, many_flows, 1'000'000, 1, 10'000'000);
BENCHMARK_CAPTURE(Intervals, many_flows, 1'000'000, 1, 10'000'000);
BENCHMARK_CAPTURE(Plain, two_packet_flows, 4'000'000, 2, 1'000'000);
BENCHMARK_CAPTURE(Intervals, two_packet_flows, 4'000'000, 2, 1'000'000);

/// Taking over one flow: the sketches' part of it, with few keys and with nothing but new ones.
void AddFlow(benchmark::State& state) {
  const auto flows = static_cast<std::uint32_t>(state.range(0));
  IntervalSample sample({}, KeyedHash(1));
  Flows table(flows);
  const Exchange exchange{{3'000, 60'000}, {30, 40}};
  std::uint32_t number = 0;
  for ([[maybe_unused]] auto _ : state) {
    sample.add_flow(table.entry(number).key, 0, false, exchange);
    number = number + 1 == flows ? 0 : number + 1;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(AddFlow)->Arg(64)->Arg(1'000)->Arg(100'000)->Arg(4'000'000);

void MergeSamples(benchmark::State& state) {
  Flows table(100'000);
  IntervalSample one({}, KeyedHash(1));
  IntervalSample two({}, KeyedHash(2));
  const Exchange exchange{{3'000, 60'000}, {30, 40}};
  for (std::uint32_t number = 0; number < 100'000; ++number) {
    (number % 3 == 0 ? one : two).add_flow(table.entry(number).key, 0, false, exchange);
  }
  for ([[maybe_unused]] auto _ : state) {
    IntervalSample merged = one;
    merged.merge(two);
    benchmark::DoNotOptimize(merged.addresses().items().data());
  }
}
BENCHMARK(MergeSamples)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace wireglass
