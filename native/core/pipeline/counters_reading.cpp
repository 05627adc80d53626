#include "pipeline/counters_reading.hpp"

#include <algorithm>
#include <numeric>

namespace wireglass {

namespace {

void add(const WorkerTally& tally, PipelineCounters& sum) {
  sum.captured_bytes += tally.captured_bytes;
  sum.metered_packets += tally.metered_packets;
  sum.metered_ip_bytes += tally.metered_ip_bytes;
  sum.outer_packets += tally.outer_packets;
  sum.outer_bytes += tally.outer_bytes;
  sum.not_sampled += tally.not_sampled;
  for (std::size_t status = 0; status < sum.refused.size(); ++status) {
    sum.refused[status] += tally.refused[status];
    sum.unfollowed[status] += tally.unfollowed[status];
  }
  sum.digests_lost += tally.digests_lost;
  sum.flows_created += tally.flows_created;
  sum.flows_live += tally.flows_live;
  sum.flows_evicted += tally.flows_evicted;
  sum.records += tally.records;
  for (std::size_t reason = 0; reason < sum.records_by_reason.size(); ++reason)
    sum.records_by_reason[reason] += tally.records_by_reason[reason];
  sum.paths_refused += tally.paths_refused;
  sum.application_strings_refused += tally.application_strings_refused;
  sum.application_strings_cut += tally.application_strings_cut;
  sum.classifications += tally.classifications;
  sum.classifications_refused += tally.classifications_refused;
  for (std::size_t reason = 0; reason < sum.application_gave_up.size(); ++reason)
    sum.application_gave_up[reason] += tally.application_gave_up[reason];
  sum.records_dropped += tally.records_dropped;
}

void add_link_types(const Worker& worker, PipelineCounters& sum) {
  for (auto& [name, packets] : worker.refused_link_types()) {
    const auto same = std::find_if(sum.refused_link_types.begin(), sum.refused_link_types.end(),
                                   [&name](const auto& entry) { return entry.first == name; });
    if (same == sum.refused_link_types.end()) {
      sum.refused_link_types.emplace_back(name, packets);
    } else {
      same->second += packets;
    }
  }
}

void put(const Recorder::Reading& recorded, PipelineCounters& counters) {
  counters.packets_recorded = recorded.packets_recorded;
  counters.bytes_recorded = recorded.bytes_recorded;
  counters.packets_lost_to_disk = recorded.packets_lost_to_disk;
  counters.segments_completed = recorded.segments_completed;
  counters.segments_evicted = recorded.segments_evicted;
  counters.disk_trouble = recorded.trouble;
}

}  // namespace

PipelineCounters read_counters(std::span<const std::unique_ptr<Worker>> workers, const Recorder* recorder,
                               const DigestExchange& exchange) {
  PipelineCounters counters;
  // From the end of a packet's way to its beginning: what has been metered or recorded shows as captured,
  // too.
  for (const auto& worker : workers) {
    add(worker->tally(), counters);
    add_link_types(*worker, counters);
  }
  if (recorder != nullptr) put(recorder->reading(), counters);
  IntakeReading intake = exchange.reading();
  counters.capture = intake.capture;
  counters.captured_packets = intake.captured_packets;
  counters.progress = intake.progress;

  const std::uint64_t refused =
      std::accumulate(counters.refused.begin(), counters.refused.end(), std::uint64_t{0});
  counters.packets_in_ring = counters.capture.offered - counters.metered_packets - refused -
                             counters.not_sampled - counters.digests_lost - counters.capture.dropped_kernel -
                             counters.capture.dropped_interface;
  if (recorder == nullptr) {
    counters.packets_not_recorded = counters.captured_packets;
  } else {
    counters.packets_buffered =
        counters.captured_packets - counters.packets_recorded - counters.packets_lost_to_disk;
  }
  return counters;
}

void add_fragments(const SharedFragments& fragments, PipelineCounters& sum) {
  const FragmentCounters& counters = fragments.table.counters();
  sum.fragments_learned += counters.learned.value();
  sum.fragments_resolved += counters.resolved.value();
  sum.fragments_unresolved += counters.unresolved.value();
  sum.fragments_replaced += counters.replaced.value();
  sum.fragments_conflicting += counters.conflicting.value();
}

}  // namespace wireglass
