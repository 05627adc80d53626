#include "meter/interval_report.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "packet/generated/flow_enums.hpp"

namespace wireglass {

namespace {

constexpr std::array<std::pair<std::uint8_t, std::string_view>, 12> kProtocolNames = {{{1, "icmp"},
                                                                                       {2, "igmp"},
                                                                                       {6, "tcp"},
                                                                                       {17, "udp"},
                                                                                       {41, "ipv6"},
                                                                                       {47, "gre"},
                                                                                       {50, "esp"},
                                                                                       {51, "ah"},
                                                                                       {58, "icmpv6"},
                                                                                       {89, "ospf"},
                                                                                       {132, "sctp"},
                                                                                       {136, "udplite"}}};

/// The list of one dimension. `way`: whose bytes rank, 0 or 1, or both together for 2.
template <class Table, class Name>
TopList list_of(std::string_view dimension, const Table& table, std::size_t wanted, std::size_t way,
                Name name) {
  using Item = typename Table::Item;
  const auto counted = [way](const Item& item) {
    return way == 2 ? item.counted.total_bytes() : item.counted.bytes[way];
  };
  const auto upper = [&counted](const Item& item) {
    const std::uint64_t bytes = counted(item);
    return bytes > 0 ? bytes + item.error : 0;
  };
  TopList list;
  list.dimension = dimension;
  list.others_at_most = table.floor();
  const std::vector<Item> chosen = table.top(wanted + 1, upper);
  for (const Item& item : chosen) {
    if (list.items.size() == wanted) {
      list.others_at_most = std::max(list.others_at_most, upper(item));
      break;
    }
    TopItem told;
    name(item.key, told);
    told.bytes = upper(item);
    told.error = item.error;
    told.packets = way == 2 ? item.counted.packets[0] + item.counted.packets[1] : item.counted.packets[way];
    list.items.push_back(std::move(told));
  }
  return list;
}

std::string address_text(std::uint64_t hi, std::uint64_t lo) { return IpAddress{hi, lo}.to_string(); }

std::string service_text(std::uint64_t key) {
  const std::string protocol = ip_protocol_name(static_cast<std::uint8_t>(key >> 16));
  const std::uint64_t port = key & 0xffff;
  return port == 0 ? protocol : protocol + "/" + std::to_string(port);
}

std::string tenant_text(std::uint64_t key) {
  return std::string(kOverlayNames[key >> 32]) + "/" + std::to_string(key & 0xffff'ffff);
}

}  // namespace

std::string ip_protocol_name(std::uint8_t protocol) {
  for (const auto& [number, name] : kProtocolNames) {
    if (number == protocol) return std::string(name);
  }
  return std::to_string(protocol);
}

IntervalReport make_report(const IntervalSample& sample, const IntervalConfig& config) {
  IntervalReport report;
  report.start_ns = sample.start_ns();
  report.interval_ns = config.interval_ns;
  report.interfaces = sample.interfaces();
  const std::size_t wanted = config.top_count;
  const auto by_address = [](const auto& key, TopItem& item) { item.value = address_text(key[0], key[1]); };
  report.top.push_back(list_of("src_addr", sample.addresses(), wanted, 0, by_address));
  report.top.push_back(list_of("dst_addr", sample.addresses(), wanted, 1, by_address));
  report.top.push_back(
      list_of("conversation", sample.conversations(), wanted, 2, [](const auto& key, TopItem& item) {
        item.value = address_text(key[0], key[1]);
        item.peer = address_text(key[2], key[3]);
      }));
  report.top.push_back(list_of("service", sample.services(), wanted, 2,
                               [](const auto& key, TopItem& item) { item.value = service_text(key[0]); }));
  report.top.push_back(list_of("tenant", sample.tenants(), wanted, 2,
                               [](const auto& key, TopItem& item) { item.value = tenant_text(key[0]); }));
  return report;
}

}  // namespace wireglass
