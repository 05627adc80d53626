#pragma once

#include <span>
#include <string_view>

#include "traffic/generator.hpp"

namespace wireglass {

/// A profile with a name: what benchmarks of different tools and days share.
struct TrafficPreset {
  std::string_view name;
  std::string_view meaning;
  TrafficProfile profile;
};

std::span<const TrafficPreset> traffic_presets();

/// nullptr where no preset has this name.
const TrafficPreset* find_preset(std::string_view name);

}  // namespace wireglass
