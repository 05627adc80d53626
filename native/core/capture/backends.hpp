#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "capture/capture_backend.hpp"

namespace wireglass {

/// Every backend, probed on this host by trying (a socket is opened, a handle activated), not by guessing.
std::vector<BackendProbe> probe_backends();

/// A live backend by name; "auto" takes af_packet, and libpcap for the device "any". Nothing is opened yet.
/// Errors: "unknown_backend", "backend_unavailable".
Result<std::unique_ptr<CaptureBackend>> make_live_backend(std::string_view name, const LiveOptions& options);

/// One backend for each of `workers`, among which the kernel shares out the packets; a single one where the
/// backend cannot do that (libpcap), which its workers then share. Errors: as make_live_backend().
Result<std::vector<std::unique_ptr<CaptureBackend>>> make_live_backends(std::string_view name,
                                                                        const LiveOptions& options,
                                                                        std::uint32_t workers);

}  // namespace wireglass
