#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.hpp"
#include "pipeline/pipeline.hpp"

namespace wireglass::bench {

/// The command line of `meter_run`.
struct MeterOptions {
  PipelineConfig pipeline;
  std::string path;
  std::uint64_t warm_up_packets = 0;  ///< CPU time of these is told apart from that of the rest
};

/// Errors: "usage", naming the option.
Result<MeterOptions> parse_meter_options(std::span<char*> arguments);

}  // namespace wireglass::bench
