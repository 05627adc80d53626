#pragma once

#include <memory>
#include <string>
#include <vector>

#include "capture/capture_backend.hpp"

namespace wireglass {

/// Reads capture files one after another ("-" is standard input), as pcapng/capture_file_reader.hpp
/// understands them. open() fails only when not one of them can be opened; see CaptureBackend::failures() for
/// the rest.
std::unique_ptr<CaptureBackend> make_file_backend(std::vector<std::string> paths);

}  // namespace wireglass
