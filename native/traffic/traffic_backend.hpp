#pragma once

#include <memory>

#include "capture/capture_backend.hpp"
#include "traffic/generator.hpp"

namespace wireglass {

/// The generator as a capture backend. Paced: packets come at the profile's rate by the clock with the
/// clock's time stamps, as from a live interface (is_live() is true, nothing is dropped: what is late comes
/// late). Otherwise as fast as they are read, in trace time.
std::unique_ptr<CaptureBackend> make_traffic_backend(const TrafficProfile& profile, bool paced);

}  // namespace wireglass
