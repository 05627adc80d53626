#pragma once

#include <memory>
#include <string>
#include <vector>

#include "segment/packet_scan.hpp"

namespace wireglass {

/// Packets of capture files ("-": standard input), one file behind the other. What cannot be read to its end
/// is told in failures(). Errors: those of the file backend where no file can be opened.
Result<std::unique_ptr<PacketScan>> scan_files(std::vector<std::string> paths, const TimeRange& range);

}  // namespace wireglass
