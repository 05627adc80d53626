#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace wireglass {

/// Names of a segment's files; see SegmentWriter for what each is.
struct SegmentFiles {
  std::string directory;

  std::string complete(std::uint64_t sequence) const;
  std::string index(std::uint64_t sequence) const;
  std::string open(std::uint64_t sequence) const;
  std::string eviction_log() const;
};

/// What lies in a segment directory, each list rising.
struct SegmentListing {
  std::vector<std::uint64_t> complete;
  std::vector<std::uint64_t> indexes;
  std::vector<std::uint64_t> open;
  std::vector<std::string> temporary;  ///< paths of unfinished files
};

/// A directory that is not there holds nothing. Errors: "segment_damaged".
Result<SegmentListing> list_segment_files(const std::string& directory);

}  // namespace wireglass
