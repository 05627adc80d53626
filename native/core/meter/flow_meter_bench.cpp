// Cost of metering by the number of live flows, with digests made on the fly as a decoder would hand them
// over: 256 at a time, hash included. MakeDigests is what that costs alone; subtract it.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <memory>

#include "meter/flow_hash.hpp"
#include "meter/flow_meter.hpp"

namespace wireglass {
namespace {

constexpr std::size_t kBatchPackets = 256;
constexpr TimeNs kStart = 1'700'000'000 * kSecondNs;

class DigestSource {
 public:
  explicit DigestSource(std::uint64_t flows) : flows_(flows) {}

  /// Packets of flows drawn evenly: the case that caches help least.
  void draw_evenly(TimeNs gap_ns) {
    for (PacketDigest& digest : digests_) {
      const std::uint64_t draw = next_random();
      fill(digest, static_cast<std::uint64_t>((static_cast<Wide>(draw) * flows_) >> 64), (draw & 1) != 0,
           gap_ns);
    }
  }

  /// Half of the packets belong to a thousandth of the flows, as in the mix that networks see.
  void draw_skewed(TimeNs gap_ns) {
    for (PacketDigest& digest : digests_) {
      const std::uint64_t draw = next_random();
      const std::uint64_t range = (draw & 2) != 0 ? flows_ : flows_ / 1'000 + 1;
      fill(digest, static_cast<std::uint64_t>((static_cast<Wide>(draw) * range) >> 64), (draw & 1) != 0,
           gap_ns);
    }
  }

  /// Flows of two packets, one after the other: a scan or a flood.
  void draw_short(TimeNs gap_ns) {
    for (PacketDigest& digest : digests_) {
      fill(digest, serial_ / 2, (serial_ & 1) != 0, gap_ns);
      ++serial_;
    }
  }

  std::span<const PacketDigest> digests() const { return digests_; }
  TimeNs now() const { return now_; }

 private:
  __extension__ using Wide = unsigned __int128;

  std::uint64_t next_random() {
    state_ += 0x9e37'79b9'7f4a'7c15;
    const Wide product = static_cast<Wide>(state_) * 0xbf58'476d'1ce4'e5b9;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }

  void fill(PacketDigest& digest, std::uint64_t flow, bool from_b, TimeNs gap_ns) {
    now_ += gap_ns;
    digest.key.addr_a = {0, IpAddress::kMappedPrefix | (0x0a00'0000 + (flow >> 8))};
    digest.key.addr_b = {0, IpAddress::kMappedPrefix | 0xc0a8'0001};
    digest.key.port_a = static_cast<std::uint16_t>(1'024 + (flow & 0xff));
    digest.key.port_b = 443;
    digest.key.protocol = 6;
    digest.hash = hash_(digest.key);
    digest.timestamp_ns = now_;
    digest.ip_bytes = 300;
    digest.tcp_flags = 0x10;
    digest.from_b = from_b;
  }

  FlowHash hash_{7};
  std::uint64_t flows_;
  std::uint64_t state_ = 1;
  std::uint64_t serial_ = 0;
  TimeNs now_ = kStart;
  std::array<PacketDigest, kBatchPackets> digests_{};
};

using Draw = void (DigestSource::*)(TimeNs);

MeterConfig config_for(std::uint64_t flows) {
  MeterConfig config;
  config.max_flows = static_cast<std::uint32_t>(flows + flows / 16 + MeterConfig::kMinFlows);
  return config;
}

void count_packets(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatchPackets));
}

void MakeDigests(benchmark::State& state, Draw draw) {
  DigestSource source(static_cast<std::uint64_t>(state.range(0)));
  for ([[maybe_unused]] auto _ : state) {
    (source.*draw)(100);
    benchmark::DoNotOptimize(source.digests().data());
    benchmark::ClobberMemory();
  }
  count_packets(state);
}

/// All flows are live before the clock starts and stay so: no flow expires, as the packets' time moves too
/// little.
void MeterLiveFlows(benchmark::State& state, Draw draw) {
  const auto flows = static_cast<std::uint64_t>(state.range(0));
  std::uint64_t records = 0;
  FlowMeter meter(config_for(flows), [&](const FlowRecord&) { ++records; });
  std::array<std::uint64_t, kBatchPackets> flow_ids{};
  DigestSource warm_up(flows);
  for (std::uint64_t packet = 0; packet < 2 * flows; packet += kBatchPackets) {
    warm_up.draw_short(0);
    meter.meter(warm_up.digests(), flow_ids);
  }
  DigestSource source(flows);
  for ([[maybe_unused]] auto _ : state) {
    (source.*draw)(0);
    meter.meter(source.digests(), flow_ids);
    meter.advance(source.now());
  }
  count_packets(state);
  state.counters["flows_live"] = static_cast<double>(meter.counters().flows_live.value());
  state.counters["records"] = static_cast<double>(records);
}

/// Every second packet opens a flow, and as many are closed: `flows` are live when the idle timeout catches
/// up.
void MeterShortFlows(benchmark::State& state) {
  const auto flows = static_cast<std::uint64_t>(state.range(0));
  std::uint64_t records = 0;
  const MeterConfig config = config_for(flows);
  FlowMeter meter(config, [&](const FlowRecord&) { ++records; });
  std::array<std::uint64_t, kBatchPackets> flow_ids{};
  DigestSource source(flows);
  const auto gap_ns =
      static_cast<TimeNs>(static_cast<std::uint64_t>(config.idle_timeouts.udp_ns) / (2 * flows));
  const auto step = [&] {
    source.draw_short(gap_ns);
    meter.meter(source.digests(), flow_ids);
    meter.advance(source.now());
  };
  for (std::uint64_t packet = 0; packet < 2 * flows + flows / 8; packet += kBatchPackets) step();
  for ([[maybe_unused]] auto _ : state) step();
  count_packets(state);
  state.counters["flows_live"] = static_cast<double>(meter.counters().flows_live.value());
  state.counters["evicted"] = static_cast<double>(meter.counters().flows_evicted.value());
}

void flow_counts(benchmark::internal::Benchmark* bench) {
  for (const std::int64_t flows : {1'000, 100'000, 1'000'000, 4'000'000}) bench->Arg(flows);
}

BENCHMARK_CAPTURE(MakeDigests, evenly, &DigestSource::draw_evenly)->Arg(1'000'000);
BENCHMARK_CAPTURE(MakeDigests, skewed, &DigestSource::draw_skewed)->Arg(1'000'000);
BENCHMARK_CAPTURE(MeterLiveFlows, evenly, &DigestSource::draw_evenly)->Apply(flow_counts);
BENCHMARK_CAPTURE(MeterLiveFlows, skewed, &DigestSource::draw_skewed)->Apply(flow_counts);
BENCHMARK(MeterShortFlows)->Apply(flow_counts);

}  // namespace
}  // namespace wireglass
