#include "meter/interval_counts.hpp"

namespace wireglass {

namespace {

template <std::size_t kSize>
void add_all(std::array<TrafficCount, kSize>& counts, const std::array<TrafficCount, kSize>& more) {
  for (std::size_t value = 0; value < kSize; ++value) counts[value].add(more[value]);
}

}  // namespace

void InterfaceCounts::add(const InterfaceCounts& more) {
  captured.add(more.captured);
  metered.add(more.metered);
  flows_started += more.flows_started;
  flows_ended += more.flows_ended;
  for (std::size_t status = 0; status < refused.size(); ++status) refused[status] += more.refused[status];
  add_all(protocol, more.protocol);
  add_all(overlay, more.overlay);
  add_all(ip_version, more.ip_version);
  add_all(dscp, more.dscp);
  add_all(size, more.size);
  add_all(tcp_flags, more.tcp_flags);
}

void InterfaceCounts::add_cell(std::size_t cell, const TrafficCount& count) {
  metered.add(count);
  dscp[cell >> 6].add(count);
  size[cell >> 3 & 7].add(count);
  tcp_flags[cell & 7].add(count);
}

void InterfaceCounts::add_key(const FlowKey& key, std::uint64_t packets, std::uint64_t bytes) {
  protocol[key.protocol].add(packets, bytes);
  overlay[static_cast<std::size_t>(key.overlay)].add(packets, bytes);
  ip_version[key.addr_a.is_ipv4() ? 0 : 1].add(packets, bytes);
}

}  // namespace wireglass
