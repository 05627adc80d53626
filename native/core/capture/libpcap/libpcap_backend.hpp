#pragma once

#include <memory>

#include "capture/capture_backend.hpp"

namespace wireglass {

/// Whether this build has libpcap and this process may capture with it.
BackendProbe probe_libpcap();

/// Live capture through libpcap: every interface that libpcap knows ("any" included), one copy per packet.
/// Null when built without libpcap.
std::unique_ptr<CaptureBackend> make_libpcap_backend(const LiveOptions& options);

}  // namespace wireglass
