#include "traffic/presets.hpp"

#include <array>

namespace wireglass {
namespace {

constexpr std::uint32_t kHeadersSnaplen = 96;

std::array<TrafficPreset, 4> make_presets() {
  TrafficProfile mixed;
  mixed.packets = 10'000'000;
  mixed.flows = 1'000'000;
  mixed.ipv6_percent = 10;
  mixed.snaplen = kHeadersSnaplen;

  TrafficProfile small;
  small.packets = 10'000'000;
  small.flows = 100'000;
  small.sizes = "small";
  small.snaplen = kHeadersSnaplen;

  TrafficProfile full;
  full.packets = 3'000'000;
  full.flows = 200'000;
  full.ipv6_percent = 10;

  TrafficProfile flood;
  flood.packets = 10'000'000;
  flood.flows = 5'000'000;
  flood.zipf = 0;
  flood.sizes = "small";
  flood.bidirectional = false;
  flood.syn_only = true;
  flood.snaplen = kHeadersSnaplen;

  return {{{"a", "10 M packets, 1 M flows, IMIX, 10 % IPv6, cut to 96 bytes", mixed},
           {"b", "10 M packets of 64 bytes, 100 k flows", small},
           {"c", "3 M packets, 200 k flows, IMIX with full payload, 10 % IPv6", full},
           {"d", "5 M flows of two SYN each", flood}}};
}

}  // namespace

std::span<const TrafficPreset> traffic_presets() {
  static const std::array<TrafficPreset, 4> presets = make_presets();
  return presets;
}

const TrafficPreset* find_preset(std::string_view name) {
  for (const TrafficPreset& preset : traffic_presets()) {
    if (preset.name == name) return &preset;
  }
  return nullptr;
}

}  // namespace wireglass
