#pragma once

#include <cstdlib>
#include <filesystem>

namespace wireglass::testing {

/// Where real captures with their ground truth lie, if they do: WIREGLASS_CAPTURES, else beside the
/// repository.
inline std::filesystem::path captures_directory() {
  if (const char* override_path = std::getenv("WIREGLASS_CAPTURES")) return override_path;
  return std::filesystem::path(WIREGLASS_SOURCE_DIRECTORY) / "../shared/captures";
}

}  // namespace wireglass::testing
