#pragma once

#include "meter/fragment_table.hpp"
#include "pipeline/batch_sequence.hpp"

namespace wireglass {

/// The fragments of one input. Where several workers decode its batches, those that hold fragments go through
/// the table in the batches' order; the others only pass.
struct SharedFragments {
  SharedFragments(const FragmentConfig& config, const FlowHash& hash) : table(config, hash) {}

  FragmentTable table;
  BatchSequence order;
};

}  // namespace wireglass
