#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "pipeline/packet_summary.hpp"

namespace wireglass {

/// The first `limit` packets of a capture file ("-": standard input), each decoded by itself: of a fragmented
/// packet only the first fragment shows ports. Errors: those of the file backend; a file that is damaged
/// further on gives what came before.
Result<std::vector<PacketSummary>> list_file(const std::string& path, const DecoderConfig& config,
                                             std::size_t limit);

}  // namespace wireglass
