#include "meter/flow_meter.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "meter/flow_cache.hpp"

namespace wireglass {

FlowMeter::FlowMeter(const MeterConfig& config, RecordReceiver receiver, SampleReceiver sample_receiver)
    : cache_(std::make_unique<Cache>(config, std::move(receiver), std::move(sample_receiver))) {}

FlowMeter::~FlowMeter() = default;

void FlowMeter::name_interfaces(std::shared_ptr<const std::vector<InterfaceInfo>> interfaces) {
  cache_->name_interfaces(std::move(interfaces));
}

void FlowMeter::meter(std::span<const PacketDigest> digests, std::span<const std::uint16_t> places,
                      std::span<std::uint64_t> flow_ids) {
  cache_->meter(digests, places, flow_ids);
}

void FlowMeter::meter(std::span<const PacketDigest> digests, std::span<std::uint64_t> flow_ids) {
  std::array<std::uint16_t, 256> places{};
  std::iota(places.begin(), places.end(), std::uint16_t{0});
  for (std::size_t first = 0; first < digests.size(); first += places.size()) {
    const std::size_t count = std::min(places.size(), digests.size() - first);
    cache_->meter(digests.subspan(first, count), std::span(places).first(count),
                  flow_ids.empty() ? flow_ids : flow_ids.subspan(first, count));
  }
}

TimeNs FlowMeter::observe_time(TimeNs timestamp_ns) { return cache_->observe_time(timestamp_ns); }

void FlowMeter::advance(TimeNs now) { cache_->advance(now); }

void FlowMeter::flush(EndReason reason) { cache_->flush(reason); }

std::uint32_t FlowMeter::snapshot(std::uint32_t position, std::uint32_t limit,
                                  const RecordReceiver& receiver) const {
  return cache_->snapshot(position, limit, receiver);
}

const MeterCounters& FlowMeter::counters() const { return cache_->counters(); }

TimeNs FlowMeter::intervals_complete_until() const { return cache_->intervals_complete_until(); }

const ApplicationCounters* FlowMeter::application_counters() const { return cache_->application_counters(); }

std::uint64_t FlowMeter::memory_bytes(const MeterConfig& config) {
  const std::uint32_t max_flows = Cache::in_range(config).max_flows;
  return sizeof(Cache) + FlowTable::footprint_bytes(max_flows, config.recording != Recording::kNone) +
         PathTable::footprint_bytes(max_flows) + ExpiryWheel::footprint_bytes(max_flows) +
         (config.intervals ? IntervalMeter::memory_bytes(*config.intervals) : 0) +
         (config.applications ? FlowApplications::memory_bytes(
                                    ApplicationLimits::for_flows(max_flows, config.string_bytes_per_flow))
                              : 0);
}

}  // namespace wireglass
