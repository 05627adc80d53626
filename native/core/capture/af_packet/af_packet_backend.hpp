#pragma once

#include <memory>

#include "capture/capture_backend.hpp"

namespace wireglass {

/// Whether this process may open packet sockets with TPACKET_V3.
BackendProbe probe_af_packet();

/// Live capture through a TPACKET_V3 ring (packet(7)): packets are read where the kernel put them, VLAN tags
/// that the kernel stripped are put back.
std::unique_ptr<CaptureBackend> make_af_packet_backend(const LiveOptions& options);

}  // namespace wireglass
