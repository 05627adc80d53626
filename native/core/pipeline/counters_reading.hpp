#pragma once

#include <memory>
#include <span>

#include "pipeline/pipeline_counters.hpp"
#include "pipeline/recorder.hpp"
#include "pipeline/shared_fragments.hpp"
#include "pipeline/worker.hpp"

namespace wireglass {

/// Sums up what the workers, the recorder (may be null) and the intake tell, while they go on.
PipelineCounters read_counters(std::span<const std::unique_ptr<Worker>> workers, const Recorder* recorder,
                               const DigestExchange& exchange);

/// Adds what the fragment table of one input tells.
void add_fragments(const SharedFragments& fragments, PipelineCounters& sum);

}  // namespace wireglass
