#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "traffic/generator.hpp"

namespace wireglass {

/// The command line of `wireglass-traffic`.
struct TrafficOptions {
  TrafficProfile profile;
  std::string output;  ///< a path, "-" for standard output
  bool help = false;
};

/// `arguments` without the program's name. A preset holds the place of the defaults, wherever it stands.
/// Errors: "usage", naming the option and what was expected; "bad_traffic_profile".
Result<TrafficOptions> parse_traffic_options(std::span<const std::string_view> arguments);

std::string traffic_help();

}  // namespace wireglass
